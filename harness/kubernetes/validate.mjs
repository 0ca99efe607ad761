// Reads Kubernetes objects as YAML, holds them to the JSON schemas of their kinds and, since those
// allow unknown fields, as old clients must, to their types as well, so that a misspelt field is found.
// Writes a list of [number of the object, error] as JSON.

import { readFileSync, writeFileSync } from "node:fs";
import yaml from "js-yaml";
import ts from "typescript";

// Of whose package: Kubernetes' own groups have no dot, or k8s.io, in their names.
function models(object) {
  const others = { "argoproj.io": "argo-rollouts", "monitoring.coreos.com": "prometheus-operator" };
  const other = others[object.apiVersion.split("/")[0]];
  return `${other ? `@kubernetes-models/${other}` : "kubernetes-models"}/${object.apiVersion}`;
}

async function complaint(object) {
  try {
    const kinds = await import(models(object));
    new kinds[object.kind](object).validate();
    return null;
  } catch (error) {
    return `${object.kind}: ${error.message}`;
  }
}

// Two lines of each object: where an error is says whose it is.
function typed(objects) {
  return objects.map((object, i) =>
    `import type { I${object.kind} as K${i} } from "${models(object)}/${object.kind}";\n` +
    `export const o${i}: K${i} = ${JSON.stringify(object)};\n`).join("");
}

function typeErrors(objects) {
  const file = new URL("objects.mts", import.meta.url).pathname;
  writeFileSync(file, typed(objects));
  const program = ts.createProgram([file], {
    noEmit: true, skipLibCheck: true, strict: true, target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16, types: [],
  });
  return ts.getPreEmitDiagnostics(program).map((found) => [
    found.file ? Math.floor(found.file.getLineAndCharacterOfPosition(found.start).line / 2) : -1,
    ts.flattenDiagnosticMessageText(found.messageText, " ")]);
}

const objects = yaml.loadAll(readFileSync(0, "utf8")).filter(Boolean);
const complaints = (await Promise.all(objects.map(complaint)))
  .map((text, i) => [i, text]).filter(([, text]) => text);
console.log(JSON.stringify([...complaints, ...typeErrors(objects)]));
