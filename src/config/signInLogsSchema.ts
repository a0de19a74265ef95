import { z } from 'zod'
import type { SignInLogs } from '../model/watch.ts'
import { amount, file } from './gateSections.ts'

/** `watch.sign-in-logs` of the site file. */
export const signInLogsSchema = z
  .strictObject({
    'sign-in': z
      .string()
      .min(1)
      .exactOptional()
      .meta({
        description:
          'The sign-in of kind client-credentials whose app reads the log, with AuditLog.Read.All; absent: the first of them.',
        examples: ['daemon'],
      }),
    file: file('sign-ins.json').exactOptional().meta({
      description:
        'In the place of Microsoft Graph: a file that the log is exported to as JSON, relative to the site file. It is read again each time.',
    }),
    'every-seconds': amount('seconds', 60, 86_400, 300, 'Between two looks at the log.'),
    'latency-minutes': amount(
      'minutes',
      2,
      1440,
      30,
      'That an entry may take until it is in the log; nothing is said to be missing before.',
    ),
    'tolerance-seconds': amount(
      'seconds',
      1,
      3600,
      300,
      'How far the log and the gate may be apart over one sign-in: clocks, and the time that it takes.',
    ),
  })
  .transform(
    ({ 'sign-in': signIn, file: exported, ...written }): SignInLogs => ({
      ...(signIn !== undefined && { signIn }),
      ...(exported !== undefined && { file: exported }),
      everySeconds: written['every-seconds'],
      latencyMinutes: written['latency-minutes'],
      toleranceSeconds: written['tolerance-seconds'],
    }),
  )
  .meta({
    description:
      'The sign-in log of the tenant, held against the record of the gate: a sign-in that one of them has and the other has not is told. Absent: it is not read.',
    examples: [{ 'sign-in': 'daemon' }],
  })
