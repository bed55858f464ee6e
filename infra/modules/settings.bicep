// The app's settings: addresses and whom to be, never a key. Secrets are references into the vault, resolved with the app's
// identity. The Application Insights string holds no credential (monitoring.bicep: local authentication is off).

param storageName string
param serviceBusNamespace string
param keyVaultUri string
param communicationEndpoint string
param applicationInsightsName string
param clientId string
@description('What the Durable back end adds.')
param durable object
param smsGateway 'communication-services' | 'webhook'
param smsFrom string
param smsUrl string
param practice { name: string, phone: string, bookingUrl: string }

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

var secrets = '${keyVaultUri}secrets'

// No gateway before there is a number; secrets only where a webhook is signed with them. An unresolved reference would be
// taken for the secret itself, so each one named here exists before the code does (deploy.sh).
var sms = empty(smsFrom)
  ? {}
  : smsGateway == 'webhook'
      ? {
          VIP_SMS_GATEWAY: smsGateway
          VIP_SMS_FROM: smsFrom
          VIP_SMS_URL: smsUrl
          VIP_SMS_SECRET: '@Microsoft.KeyVault(SecretUri=${secrets}/sms-secret)'
          VIP_SMS_SECRET_PREVIOUS: '@Microsoft.KeyVault(SecretUri=${secrets}/sms-secret-previous)'
        }
      : {
          VIP_SMS_GATEWAY: smsGateway
          VIP_SMS_FROM: smsFrom
          COMMUNICATION_SERVICES_ENDPOINT: communicationEndpoint
        }

output all object = union(durable, sms, {
  VIP_STORAGE: 'azure'
  VIP_BUS: 'servicebus'
  AzureWebJobsStorage__accountName: storageName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: clientId
  ServiceBus__fullyQualifiedNamespace: serviceBusNamespace
  ServiceBus__credential: 'managedidentity'
  ServiceBus__clientId: clientId
  // Whom the SDKs' default credential is.
  AZURE_CLIENT_ID: clientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsights.properties.ConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${clientId};Authorization=AAD'
  VIP_PRACTICE_NAME: practice.name
  VIP_PRACTICE_PHONE: practice.phone
  VIP_BOOKING_URL: practice.bookingUrl
  VIP_PHONE_PEPPER: '@Microsoft.KeyVault(SecretUri=${secrets}/phone-pepper)'
})
