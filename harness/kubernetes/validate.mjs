// Reads Kubernetes objects as YAML, holds them to the JSON schemas of their kinds and, since those
// allow unknown fields, as old clients must, to their types as well, so that a misspelt field is found.
// Writes {objects, errors} as JSON. Exists because Python's standard library reads no YAML.

import { readFileSync, writeFileSync } from "node:fs";
import yaml from "js-yaml";
import ts from "typescript";

async function complaint(object) {
  try {
    const kinds = await import(`kubernetes-models/${object.apiVersion}`);
    new kinds[object.kind](object).validate();
    return null;
  } catch (error) {
    return `${object.kind}: ${error.message}`;
  }
}

function typed(objects) {
  return objects.map((object, i) =>
    `import type { I${object.kind} as K${i} } from "kubernetes-models/${object.apiVersion}";\n` +
    `export const o${i}: K${i} = ${JSON.stringify(object)};\n`).join("");
}

function typeErrors(objects) {
  const file = new URL("objects.mts", import.meta.url).pathname;
  writeFileSync(file, typed(objects));
  const program = ts.createProgram([file], {
    noEmit: true, skipLibCheck: true, strict: true, target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16, types: [],
  });
  return ts.getPreEmitDiagnostics(program)
    .map((found) => ts.flattenDiagnosticMessageText(found.messageText, " "));
}

const objects = yaml.loadAll(readFileSync(0, "utf8"));
const complaints = (await Promise.all(objects.map(complaint))).filter(Boolean);
console.log(JSON.stringify({ objects, errors: [...complaints, ...typeErrors(objects)] }));
