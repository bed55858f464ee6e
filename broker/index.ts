/** The library: start a broker in process, on your own clock if you like. The command is bin/local-service-bus.js. */
export { startBroker, type Broker, type BrokerOptions, type EntityCounts } from './startBroker';
export { systemClock, type Clock } from './clock';
export { readConfig, ConfigError } from './config/readConfig';
export { JournalError } from './journal/journalError';
export { BrokerError } from './core/errors';
export type { InFlight } from './idleness';
