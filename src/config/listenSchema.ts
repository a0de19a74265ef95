import { z } from 'zod'
import { necessities } from '../model/flow.ts'
import type { ListenReport } from '../model/listenReport.ts'
import { listenStates } from '../model/listenReport.ts'
import { services } from '../model/service.ts'
import { jsonSchema } from './jsonSchema.ts'
import { address, count, ms, port, texts, time } from './scalars.ts'
import { schemaOf } from './schemaOf.ts'

const transport = z.enum(['tcp', 'udp'])
const range = z.object({ first: port, last: port })
const peer = { address: z.string().describe('Empty where who came was gone again'), times: count }

export const listenReportSchema = schemaOf<ListenReport>()(
  z.object({
    postern: z.string().describe('The version of Postern that wrote this'),
    kind: z.literal('listen'),
    site: z.string(),
    as: z.string().describe('The host of the site that was answered for'),
    startedAt: time,
    durationMs: ms,
    seesHalfOpen: z.boolean().describe('Whether connections whose answer nobody hears can be seen on this machine'),
    summary: z.object({ connected: count, arrived: count, halfOpen: count, notSeen: count, notListened: count }),
    doors: z.array(
      z
        .object({
          port,
          transport,
          range: range.exactOptional().describe('The range of the plan that it stands for'),
          open: texts.describe('Addresses on which it is open; 0.0.0.0 and :: are all of a family'),
          left: z.array(z.object({ address, code: z.string().describe('The platform’s word: EADDRINUSE, EACCES') })),
        })
        .meta({ id: 'Door' }),
    ),
    flows: z.array(
      z
        .object({
          flow: z.string(),
          from: z.string(),
          to: z.string(),
          necessity: z.enum(necessities),
          expect: z.enum(['open', 'closed']),
          port: port.nullable(),
          range: range.exactOptional(),
          transport,
          service: z.enum(services),
          seen: z
            .enum(listenStates)
            .describe(
              'connected: both ways are open; arrived: a datagram came; half-open: the way back is cut; not-seen: nothing came; not-listened: nothing stood open',
            ),
          why: z.string().exactOptional().describe('Why nothing stood open'),
          spoke: z.boolean().describe('Octets came, not only a connection'),
          peers: z.array(z.object(peer)),
          furtherTimes: count,
        })
        .meta({ id: 'ListenFlow' }),
    ),
    others: z.array(z.object({ ...peer, port, transport })).describe('Who came from an address of no planned opener'),
    furtherOthers: count,
  }),
)

/** The documented shape of `postern listen --json`. */
export function listenReportJsonSchema(): z.core.JSONSchema.BaseSchema {
  return jsonSchema('listen', 'What postern listen --json prints', listenReportSchema)
}
