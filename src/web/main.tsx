import "uplot/dist/uPlot.min.css";
import "./style/base.css";
import "./style/explore.css";
import "./style/flow.css";
import "./style/panels.css";
import "./style/learn.css";
import "./style/narrow.css";
import { render } from "preact";
import { App } from "./app.js";
import { start } from "./store.js";

render(<App />, document.getElementById("app") as HTMLElement);
start();
