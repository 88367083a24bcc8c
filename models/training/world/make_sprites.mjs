/**
 * Draws `sprites/<noun>.png` from Fluent Emoji Flat: one picture for each line of `sprites/nouns.csv` that names a glyph,
 * and `<noun>-1.png`, `<noun>-2.png`, … for those that name several, as people do: one in each tone of skin.
 *
 *     node training/world/make_sprites.mjs path/to/@iconify-json/fluent-emoji-flat/icons.json
 *
 * 192 pixels on the longest side, cropped to what is drawn, at most 96 shades (transparent ones included).
 */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";

const SIDE = 192;
const SHADES = 96;
const folder = join(dirname(fileURLToPath(import.meta.url)), "sprites");
const [iconsPath] = process.argv.slice(2);
if (iconsPath === undefined) throw new Error("want the path of icons.json of @iconify-json/fluent-emoji-flat, got none");

const { icons, width, height } = JSON.parse(readFileSync(iconsPath, "utf8"));
const [header, ...lines] = readFileSync(join(folder, "nouns.csv"), "utf8").trimEnd().split("\n");
const columns = header.split(",");

for (const name of readdirSync(folder)) if (name.endsWith(".png")) rmSync(join(folder, name));
for (const line of lines) {
  const cells = line.split(",");
  const noun = cells[columns.indexOf("noun")];
  const glyph = cells[columns.indexOf("glyph")];
  if (glyph === "drawn") continue;
  for (const [variant, name] of glyph.split(";").entries()) {
    const icon = icons[name];
    if (icon === undefined) throw new Error(`want a glyph of ${iconsPath}, got "${name}" for "${noun}": correct nouns.csv`);
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="768" height="768" viewBox="0 0 ${width} ${height}">${icon.body}</svg>`;
    const whole = await sharp(Buffer.from(svg)).png().toBuffer();
    const cropped = await sharp(whole).trim({ background: "#00000000", threshold: 0 }).png().toBuffer();
    await sharp(cropped)
      .resize(SIDE, SIDE, { fit: "inside" })
      .png({ palette: true, colours: SHADES, dither: 0, effort: 10 })
      .toFile(join(folder, `${noun.replaceAll(" ", "_")}${variant === 0 ? "" : `-${variant}`}.png`));
  }
}
