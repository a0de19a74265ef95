import { z } from 'zod'
import { features } from '../model/feature.ts'
import { directions, necessities, phases, transports } from '../model/flow.ts'
import { cloudRoles, groupRoles, siteRoles } from '../model/role.ts'
import { services } from '../model/service.ts'
import { address, port, texts } from './scalars.ts'

const role = z.enum([...siteRoles, ...cloudRoles, ...groupRoles])

const flowTarget = z
  .object({
    name: z.string().exactOptional().describe('The name that is dialled and sent as SNI'),
    pattern: z.string().exactOptional().describe('The published pattern that the name was chosen for'),
    nameFrom: z.string().exactOptional().describe('Where the name was taken from'),
    address: address.exactOptional(),
    port: port.nullable().describe('Null when the row gives a range, any port, or none'),
    range: z.object({ first: port, last: port }).exactOptional(),
    transport: z.enum(transports),
    service: z.enum(services),
    path: z.string().exactOptional(),
    plannedPort: port.exactOptional().describe('The port of the catalog, when names: maps it to another'),
    undialled: z.string().exactOptional().describe('Why nothing can be dialled'),
  })
  .meta({ id: 'FlowTarget' })

/** The fields of a flow: a check adds its verdict to them. */
export const flowShape = {
  flow: z.string().describe('The id of the catalog row, or the user’s own'),
  from: z.string().describe('Host or network that opens the connection'),
  fromRole: role,
  fromAddresses: texts.describe('Addresses of the host, or prefixes of the network, that opens the connection'),
  to: z.string().describe('Host or network that accepts it, or the cloud role'),
  toRole: role,
  target: flowTarget,
  via: z.string().exactOptional().describe('The proxy of the site file that the opener sends this flow through'),
  necessity: z.enum(necessities),
  expect: z.enum(['open', 'closed']),
  direction: z.enum(directions),
  phase: z.enum(phases).exactOptional(),
  table: z.string(),
  purpose: z.string(),
  requiredWhen: z.string(),
  features: z.array(z.enum(features)),
  unsettled: texts.describe('Facts that the site file does not settle and on which the need depends'),
  fallbackFor: z.string().exactOptional(),
  notes: texts,
  source: z.string(),
  asOf: z.string().exactOptional().describe('Date of the source; absent for what no page says'),
}
