// Builds the page into the host's wwwroot. `npm run dev` serves it beside a running host (PARLEY_URL, default port 8080).
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const host = process.env["PARLEY_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../src/Parley.Host/wwwroot",
    emptyOutDir: true,
    target: "es2022",
    // One font-free, image-free page: nothing is inlined as data URLs, so a strict content security policy can hold.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/parley": host, "/v1": host } },
});
