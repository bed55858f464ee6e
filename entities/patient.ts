/**
 * `@patient@<patientId>`: load, decide, save. Rules in domain/patient.ts. It never texts; it answers the gate. Facts that
 * forbid a text (a STOP, a booking) are told to it at once; all others come as evidence with the next question. Every operation returns at most once and returns refusals as values (contract, H10 and H11).
 */
import type { EntityHandler } from 'durable-functions';
import {
  ask,
  book,
  patientStateOf,
  prefer,
  remember,
  sentLate,
  type LateGrant,
  withdraw,
  type Withdrawal,
  type Ask,
  type Grant,
  type PatientState,
} from '../domain/patient';
import type { Preference } from '../domain/consent';

export const patient: EntityHandler<PatientState> = (context) => {
  const { df } = context;
  const state = patientStateOf(df.getState());
  switch (df.operationName) {
    case 'ask': {
      const answered = ask(state, df.getInput<Ask>()!);
      df.setState(answered.state);
      df.return(answered.answer);
      return;
    }
    case 'withdraw':
      return df.setState(withdraw(state, df.getInput<Withdrawal>()!));
    case 'prefer':
      return df.setState(prefer(state, df.getInput<Preference>()!));
    case 'booked':
      return df.setState(book(state, df.getInput<number>()!));
    case 'sentLate':
      return df.setState(sentLate(state, df.getInput<LateGrant>()!));
    case 'remember':
      return df.setState(remember(state, df.getInput<Grant>()!));
    case 'get':
      df.return(state);
      return;
    default:
      throw `patient: unknown operation ${df.operationName}, expected ask, withdraw, prefer, booked, sentLate, remember or get`;
  }
};
