// Puts one value into the vault, as a new version of the secret. Used by deploy.sh for secrets that do not exist yet and by
// secret.sh to rotate one; never part of main.bicep, so that deploying twice changes no secret.

param vaultName string
param secretName 'phone-pepper' | 'sms-secret' | 'sms-secret-previous'
@secure()
@minLength(32)
param value string

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName
}

resource secret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  parent: vault
  name: secretName
  properties: { value: value, contentType: 'text/plain' }
}
