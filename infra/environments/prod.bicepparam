// Production: data services on private endpoints, every resource log kept, a zone may fail, an instance stays warm.
// Nothing here is secret; what belongs to an organisation comes from the shell, and what has no default there must be set.
using '../main.bicep'

param environmentName = 'prod'
param durableBackend = 'AzureStorage'
param privateEndpoints = true
param diagnostics = true
param storageSku = 'Standard_ZRS'
param alwaysReadyInstances = 1
param maximumInstanceCount = 100
param logRetentionDays = 90
param allowedAddresses = filter(
  split(readEnvironmentVariable('VIP_ALLOWED_ADDRESSES', ''), ','),
  address => !empty(address)
)
param alertEmails = filter(split(readEnvironmentVariable('VIP_ALERT_EMAILS', ''), ','), email => !empty(email))
param smsFrom = readEnvironmentVariable('VIP_SMS_FROM', '')
param smsGateway = readEnvironmentVariable('VIP_SMS_GATEWAY', 'communication-services')
param smsUrl = readEnvironmentVariable('VIP_SMS_URL', '')
param practice = {
  name: readEnvironmentVariable('VIP_PRACTICE_NAME')
  phone: readEnvironmentVariable('VIP_PRACTICE_PHONE')
  bookingUrl: readEnvironmentVariable('VIP_BOOKING_URL')
}
