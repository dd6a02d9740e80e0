import { createRoot } from "react-dom/client";
import { App } from "./App";
import { connect } from "./state/live";
import "slack-blocks-to-jsx/dist/style.css";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/top.css";
import "./styles/places.css";
import "./styles/chat.css";
import "./styles/messages.css";
import "./styles/blocks.css";
import "./styles/form.css";
import "./styles/wire.css";
import "./styles/phone.css";

const root = document.getElementById("page");
if (root === null) throw new Error("index.html has no #page.");
createRoot(root).render(<App />);
connect();
