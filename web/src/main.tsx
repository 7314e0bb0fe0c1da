// Wires store, host and address together and draws the page.
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { client } from "./api/client";
import { waitForNetwork } from "./api/follow";
import { App } from "./App";
import { ParleyContext } from "./hooks/useParley";
import { writeAddress } from "./state/address";
import type { Context } from "./state/effects";
import { createStore } from "./state/store";
import "./styles/index.css";

const context: Context = { api: client, store: createStore(), navigate: writeAddress, wait: waitForNetwork };

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <ParleyContext value={context}>
      <App />
    </ParleyContext>
  </StrictMode>,
);
