#!/usr/bin/env bash
# infra/package.sh BACKEND OUT.zip: what runs on Azure as one zip: the built app, its packages without those for
# development, and the host.json of the Durable back end (AzureStorage: the one at the root; else infra/hosts/).
set -euo pipefail
cd "$(dirname "$0")/.."

BACKEND=${1:?which Durable back end: AzureStorage, Netherite or DurableTaskScheduler}
OUT=$(realpath -m "${2:?where to put the zip}")
HOST=host.json
if [ "$BACKEND" != AzureStorage ]; then HOST="infra/hosts/host.$BACKEND.json"; fi
if [ ! -f "$HOST" ]; then
  echo "package: no host.json for the back end '$BACKEND'; expected AzureStorage, Netherite or DurableTaskScheduler" >&2
  exit 2
fi

FOLDER=$(mktemp -d)
trap 'rm -rf "$FOLDER"' EXIT
npm run --silent build
mkdir "$FOLDER/dist"
for part in app.js orchestrators activities entities triggers domain services; do cp -R "dist/$part" "$FOLDER/dist/"; done
cp "$HOST" "$FOLDER/host.json"
# The workspaces (local broker, emulator) stay at home: the app may not know of them, which the linter holds it to.
node -e '
  const manifest = require("./package.json");
  const { name, version, private: isPrivate, main, engines, dependencies } = manifest;
  const lock = require("./package-lock.json");
  const { workspaces, devDependencies, ...root } = lock.packages[""];
  const outside = Object.entries(lock.packages).filter(([at, entry]) => at.startsWith("node_modules/") && !entry.dev && !entry.link);
  const write = (file, value) => require("fs").writeFileSync(`${process.argv[1]}/${file}`, JSON.stringify(value, null, 2));
  write("package.json", { name, version, private: isPrivate, main, engines, dependencies });
  write("package-lock.json", { ...lock, packages: { "": root, ...Object.fromEntries(outside) } });
' "$FOLDER"
(cd "$FOLDER" && npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error)
rm -f "$OUT"
(cd "$FOLDER" && zip -qr "$OUT" .)
echo "package: $OUT, $(du -h "$OUT" | cut -f1)"
