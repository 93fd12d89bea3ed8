import unittest

import tidepool


class Tides(unittest.TestCase):
    def test_ports(self) -> None:
        self.assertEqual(tidepool.ports(), ["Brest", "Dover", "Esbjerg", "Galway", "Lerwick"])

    def test_every_hour(self) -> None:
        for port in tidepool.ports():
            self.assertTrue(0 <= tidepool.metres(port, 71) < 4)

    def test_nowhere(self) -> None:
        with self.assertRaises(KeyError):
            tidepool.metres("Bern", 1)


if __name__ == "__main__":
    unittest.main()
