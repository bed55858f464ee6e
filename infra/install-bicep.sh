#!/usr/bin/env bash
# Puts the Bicep compiler where check.mjs looks for it, dist/bicep/, by `dotnet restore` of bicep.csproj. Quiet when it is
# there; says in one line what is missing otherwise. Not needed where `bicep` is on the PATH or the Azure CLI has one.
set -euo pipefail
cd "$(dirname "$0")/.."

VERSION=0.49.2
FOLDER=dist/bicep
COMPILER="$FOLDER/azure.bicep.commandline.linux-x64/$VERSION/tools/bicep"

if [ -x "$COMPILER" ]; then exit 0; fi
if ! command -v dotnet >/dev/null; then
  echo 'Bicep: no .NET SDK (dotnet) here, so its compiler was not installed' >&2
  exit 1
fi
mkdir -p "$FOLDER/project"
cp infra/bicep.csproj "$FOLDER/project/"
if ! dotnet restore "$FOLDER/project/bicep.csproj" --packages "$FOLDER" --verbosity quiet >"$FOLDER/restore.log" 2>&1; then
  echo "Bicep: its compiler could not be restored; see $FOLDER/restore.log" >&2
  exit 1
fi
chmod +x "$COMPILER"
rm -f "$FOLDER"/azure.bicep.*/*/*.nupkg
