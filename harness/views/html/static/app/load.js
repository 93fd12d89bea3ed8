// Pictures of trials, loaded when they are looked at.
import {useEffect, useState} from "./html.js";
import {loadTrial} from "./data.js";

// Return the pictures of some trials by id; undefined while loading, null where there is none.
// `stamp` changes with the run; a finished trial's picture does not.
export function usePictures(ids, model, stamp) {
  const [pictures, setPictures] = useState(new Map());
  const wanted = ids
    .filter(Boolean)
    .map((id) => [id, model.byId.get(id)?.outcome ?? `at work ${stamp}`]);
  useEffect(() => {
    let current = true;
    Promise.all(
      wanted.map(async ([id, version]) => [id, await loadTrial(id, version).catch(failed)]),
    ).then((found) => current && setPictures(new Map(found)));
    return () => {
      current = false;
    };
  }, [wanted.join("\n")]);
  return pictures;
}

function failed(error) {
  return {error: String(error.message ?? error)};
}
