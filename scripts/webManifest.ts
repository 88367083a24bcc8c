/** The web manifest of an installed Afterimage. */

import type { ManifestOptions } from "vite-plugin-pwa";

/** Paths are relative to the manifest, so that the site may lie in any subfolder. */
export const webManifest: Partial<ManifestOptions> = {
  id: "./",
  name: "Afterimage",
  short_name: "Afterimage",
  description:
    "Type a prompt and watch a picture come out of noise. A latent diffusion model that runs on your own device, offline, with nothing sent anywhere.",
  start_url: "./",
  scope: "./",
  display: "standalone",
  lang: "en",
  dir: "ltr",
  theme_color: "#141416",
  background_color: "#141416",
  categories: ["graphics", "photo", "education"],
  icons: [
    { src: "icons/icon-192.png", sizes: "192x192", type: "image/png", purpose: "any" },
    { src: "icons/icon-512.png", sizes: "512x512", type: "image/png", purpose: "any" },
    { src: "icons/maskable-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
    { src: "icons/icon.svg", sizes: "any", type: "image/svg+xml", purpose: "any" },
  ],
  screenshots: [
    {
      src: "screenshots/wide.png",
      sizes: "1280x800",
      type: "image/png",
      form_factor: "wide",
      label: "A finished picture beside its prompt and settings",
    },
    {
      src: "screenshots/narrow.png",
      sizes: "750x1334",
      type: "image/png",
      form_factor: "narrow",
      label: "A finished picture on a phone",
    },
  ],
};
