// Development: cheap and open to look at. Nothing here is secret; what belongs to an organisation comes from the shell.
using '../main.bicep'

param environmentName = 'dev'
param durableBackend = 'AzureStorage'
param privateEndpoints = false
param diagnostics = false
param storageSku = 'Standard_LRS'
param alertEmails = filter(split(readEnvironmentVariable('VIP_ALERT_EMAILS', ''), ','), email => !empty(email))
param smsFrom = readEnvironmentVariable('VIP_SMS_FROM', '')
param smsGateway = readEnvironmentVariable('VIP_SMS_GATEWAY', 'communication-services')
param smsUrl = readEnvironmentVariable('VIP_SMS_URL', '')
param practice = {
  name: readEnvironmentVariable('VIP_PRACTICE_NAME', 'Zephyr Health')
  phone: readEnvironmentVariable('VIP_PRACTICE_PHONE', '+13125550100')
  bookingUrl: readEnvironmentVariable('VIP_BOOKING_URL', 'https://zephyr.example/b')
}
