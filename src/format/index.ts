export { procLine } from "./proc.js";
