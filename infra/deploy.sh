#!/usr/bin/env bash
# infra/deploy.sh ENV [--what-if]: deploys one environment (dev or prod), and can be run again at any time. In this order:
#   1. resource group, then main.bicep with environments/ENV.bicepparam
#   2. secrets that do not exist yet: random values, put in by secret.bicep; existing ones are left alone
#   3. the package (package.sh), with the host.json of the back end that main.bicep reports
#   4. Event Grid for files dropped in `preferences`, which needs the code to be there
# Needs the Azure CLI, signed in as someone who may deploy and assign roles in the subscription, Node and zip. From the
# shell: AZURE_LOCATION (default eastus2), and what environments/ENV.bicepparam reads. --what-if shows 1 and changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

ENVIRONMENT=${1:-}
case "$ENVIRONMENT" in
  dev | prod) ;;
  *)
    echo "deploy: which environment? got '$ENVIRONMENT', expected dev or prod" >&2
    exit 2
    ;;
esac
WHAT_IF=${2:-}
if [ -n "$WHAT_IF" ] && [ "$WHAT_IF" != --what-if ]; then
  echo "deploy: unknown option '$WHAT_IF', expected --what-if" >&2
  exit 2
fi
for tool in az node npm zip; do
  command -v "$tool" >/dev/null || { echo "deploy: $tool is missing" >&2; exit 2; }
done

GROUP="rg-vip-$ENVIRONMENT"
LOCATION=${AZURE_LOCATION:-eastus2}
PARAMETERS="infra/environments/$ENVIRONMENT.bicepparam"
FOLDER=$(mktemp -d)
trap 'rm -rf "$FOLDER"' EXIT

if [ "$WHAT_IF" = --what-if ]; then
  az deployment group what-if --resource-group "$GROUP" --parameters "$PARAMETERS"
  exit
fi

echo "1. infrastructure of $ENVIRONMENT in $GROUP, $LOCATION"
az group create --name "$GROUP" --location "$LOCATION" --output none
az deployment group create --resource-group "$GROUP" --name main --parameters "$PARAMETERS" --output none
output() { az deployment group show --resource-group "$GROUP" --name main --query "properties.outputs.$1.value" --output tsv; }
APP=$(output functionAppName)
HOST_NAME=$(output functionAppHostName)
BACKEND=$(output durableBackend)
VAULT=$(output keyVaultName)
TOPIC=$(output blobTopicName)

echo "2. secrets in $VAULT"
for secret in phone-pepper sms-secret sms-secret-previous; do
  infra/secret.sh "$GROUP" "$VAULT" "$secret" --if-missing
done

echo "3. code on $APP, back end $BACKEND"
infra/package.sh "$BACKEND" "$FOLDER/app.zip"
az functionapp deployment source config-zip --resource-group "$GROUP" --name "$APP" --src "$FOLDER/app.zip" --output none
# References to secrets that were missing a moment ago are resolved again.
az functionapp restart --resource-group "$GROUP" --name "$APP"

echo '4. events of blobs'
FUNCTION=''
for attempt in 1 2 3 4 5 6; do
  FUNCTION=$(az functionapp function list --resource-group "$GROUP" --name "$APP" \
    --query "[?config.bindings[?type=='blobTrigger']].name | [0]" --output tsv | cut -d/ -f2)
  [ -n "$FUNCTION" ] && break
  sleep 10
done
if [ -z "$FUNCTION" ]; then
  echo "deploy: $APP shows no function with a blob trigger after a minute; run this again when it is up" >&2
  exit 1
fi
KEY=$(az functionapp keys list --resource-group "$GROUP" --name "$APP" --query systemKeys.blobs_extension --output tsv)
if [ -z "$KEY" ]; then
  echo "deploy: $APP has no key blobs_extension yet; run this again when it is up" >&2
  exit 1
fi
# In a file of our own: the arguments of a process can be read by others.
(umask 077 && cat >"$FOLDER/events.json") <<EOF
{
  "\$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {
    "topicName": { "value": "$TOPIC" },
    "endpointUrl": { "value": "https://$HOST_NAME/runtime/webhooks/blobs?functionName=Host.Functions.$FUNCTION&code=$KEY" }
  }
}
EOF
az deployment group create --resource-group "$GROUP" --name blob-events --template-file infra/blobEvents.bicep \
  --parameters "@$FOLDER/events.json" --output none
echo "deployed: https://$HOST_NAME"
