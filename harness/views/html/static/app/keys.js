// The keyboard: letters act where nobody is typing.
import {useEffect, useLayoutEffect} from "./html.js";
import {go} from "./route.js";

export const HELP = [
  ["/", "search"],
  ["g o", "overview"],
  ["g t", "trials"],
  ["g i", "insights"],
  ["j  k", "next, previous step or row"],
  ["o  Enter", "open and close"],
  ["n  p", "next, previous trial"],
  ["t", "the control trial"],
  ["u", "up, to the pair"],
  ["d", "light, dark"],
  ["?", "this help"],
  ["Esc", "close"],
];

export function useKeys(actions) {
  useLayoutEffect(() => {
    const press = (event) => {
      if (
        event.defaultPrevented ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        typing(event.target)
      )
        return;
      const action = Object.hasOwn(actions, event.key) ? actions[event.key] : null;
      if (action && !pending(event)) {
        action(event);
        event.preventDefault();
      }
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
}

function typing(target) {
  return target instanceof Element && target.closest("input, select, textarea") !== null;
}

// Two keys in a row, `g` first.
let goingSince = -Infinity;

function pending(event) {
  return performance.now() - goingSince < 1200 && "oti".includes(event.key);
}

export function useGo(places) {
  useEffect(() => {
    const press = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      if (pending(event) && Object.hasOwn(places, event.key)) {
        go(places[event.key]);
        goingSince = -Infinity;
        event.preventDefault();
      } else goingSince = event.key === "g" ? performance.now() : -Infinity;
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
}
