/* The zone of a postcode, by its first digit. */
static const int zones[10] = { 1, 1, 2, 2, 3, 1, 2, 3, 4, 4 };

int tariff_zone(const char *postcode)
{
    if (postcode[0] < '0' || postcode[0] > '9')
        return 0;
    return zones[postcode[0] - '0'];
}
