#!/usr/bin/env bash
# infra/secret.sh GROUP VAULT NAME [--from-stdin | --if-missing]: gives a secret of the vault a new value: 256 random bits, or
# what comes on standard input. --if-missing: random, and only when there is none. Goes through the control plane
# (secret.bicep), so it also works where the vault has no public network. The value is never an argument, and never printed.
# When to do so, and why never with phone-pepper: docs/runbook.md, "Keys".
set -euo pipefail
cd "$(dirname "$0")/.."

GROUP=${1:?resource group}
VAULT=${2:?name of the vault}
NAME=${3:?which secret: phone-pepper, sms-secret or sms-secret-previous}
OPTION=${4:-}
case "$OPTION" in
  '' | --from-stdin | --if-missing) ;;
  *)
    echo "secret: unknown option '$OPTION', expected --from-stdin or --if-missing" >&2
    exit 2
    ;;
esac

# Only a clear "not found" (the Azure CLI's exit code 3) counts as missing: a new pepper on a bad day would be a disaster.
EXISTS=true
ID="$(az keyvault show --resource-group "$GROUP" --name "$VAULT" --query id --output tsv)/secrets/$NAME"
ANSWER=0
az resource show --ids "$ID" --api-version 2024-11-01 --output none 2>/dev/null || ANSWER=$?
if [ "$ANSWER" -eq 3 ]; then
  EXISTS=false
elif [ "$ANSWER" -ne 0 ]; then
  echo "$NAME: cannot tell whether it is there (az answered $ANSWER); nothing was changed" >&2
  exit 1
fi

if [ "$OPTION" = --if-missing ] && "$EXISTS"; then
  echo "$NAME: there, left alone"
  exit
fi
if [ "$NAME" = phone-pepper ] && [ "$OPTION" != --if-missing ] && "$EXISTS"; then
  echo 'phone-pepper: there already; a new one would make every known phone number a stranger. Refused.' >&2
  exit 2
fi

FOLDER=$(mktemp -d)
trap 'rm -rf "$FOLDER"' EXIT
umask 077
if [ "$OPTION" = --from-stdin ]; then
  cat >"$FOLDER/value"
else
  node -e 'process.stdout.write(require("crypto").randomBytes(32).toString("hex"))' >"$FOLDER/value"
fi
node -e '
  const fs = require("fs");
  const [folder, vaultName, secretName] = process.argv.slice(1);
  const value = fs.readFileSync(`${folder}/value`, "utf8").trim();
  if (value.length < 32) {
    console.error(`${secretName}: ${value.length} characters came, expected at least 32`);
    process.exit(2);
  }
  const parameters = Object.fromEntries(Object.entries({ vaultName, secretName, value }).map(([k, v]) => [k, { value: v }]));
  const $schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#";
  fs.writeFileSync(`${folder}/parameters.json`, JSON.stringify({ $schema, contentVersion: "1.0.0.0", parameters }));
' "$FOLDER" "$VAULT" "$NAME"
az deployment group create --resource-group "$GROUP" --name "secret-$NAME" --template-file infra/secret.bicep \
  --parameters "@$FOLDER/parameters.json" --output none
echo "$NAME: set"
