// Pictures of trials, loaded when they are looked at.
import {useEffect, useState} from "./html.js";
import {loadTrial} from "./data.js";

// Return the pictures of some trials by id; undefined while loading, null where there is none.
export function usePictures(ids, stamp) {
  const [pictures, setPictures] = useState(new Map());
  const wanted = ids.filter(Boolean);
  useEffect(() => {
    let current = true;
    Promise.all(wanted.map(async (id) => [id, await loadTrial(id, {again: stamp > 0}).catch(failed)])).then(
      (found) => current && setPictures(new Map(found)),
    );
    return () => {
      current = false;
    };
  }, [wanted.join("\n"), stamp]);
  return pictures;
}

function failed(error) {
  return {error: String(error.message ?? error)};
}
