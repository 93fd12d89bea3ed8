// What every picture is made with: Preact's elements in htm's tagged templates.
import {h, render, Fragment} from "preact";
import {useState, useEffect, useLayoutEffect, useRef, useMemo} from "preact/hooks";
import htm from "htm";

export const html = htm.bind(h);
export {render, Fragment, useState, useEffect, useLayoutEffect, useRef, useMemo};
