import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { findDocuments } from "../../fixtures/find-documents.ts";
import { pictures } from "../../screenshots/pictures.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const mostBytes = 150 * 1024;
const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** What a document shows, and the words for who cannot see it. */
const imagesOf = (text: string) => [
  ...[...text.matchAll(/!\[([^\]]*)\]\(([^)\s]+)/g)].map(([, alt = "", file = ""]) => ({ alt, file })),
  ...[...text.matchAll(/<img\b[^>]*>/g)].map(([tag]) => ({
    alt: /\balt="([^"]*)"/.exec(tag)?.[1] ?? "",
    file: /\bsrc="([^"]*)"/.exec(tag)?.[1] ?? "",
  })),
];

const documents = await Promise.all(
  (await findDocuments(root)).map(async (path) => ({ path, images: imagesOf(await readFile(path, "utf8")) })),
);

const shown = documents.flatMap(({ path, images }) => images.map((image) => ({ ...image, path })));

describe.each(shown)("$file", ({ path, file, alt }) => {
  test("is there, is small, and is described", async () => {
    const image = await readFile(join(dirname(path), file));
    expect(image.subarray(0, png.length)).toEqual(png);
    expect(image.length).toBeLessThan(mostBytes);
    expect(alt.length).toBeGreaterThan(10);
  });
});

/** The last two are the card for Teams. */
const names = [...pictures.map(({ name }) => name), "card-light", "card-dark"];
const drawn = names.map((name) => `docs/images/${name}.png`);

test("the documents show exactly the pictures that npm run screenshots takes", () => {
  const files = shown.map(({ path, file }) => relative(root, join(dirname(path), file)));
  expect([...new Set(files)].toSorted()).toEqual(drawn.toSorted());
});

test("the README shows one of them", () => {
  const inReadme = shown.filter(({ path }) => relative(root, path) === "README.md").map(({ file }) => file);
  expect(inReadme).toHaveLength(1);
  expect(drawn).toEqual(expect.arrayContaining(inReadme));
});
