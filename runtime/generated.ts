export { ensure } from "./storage.js";
