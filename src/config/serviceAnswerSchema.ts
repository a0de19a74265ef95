import { z } from 'zod'
import { count, offsetMs, port, texts, time } from './scalars.ts'

const skewMs = offsetMs.describe('The server’s clock less this machine’s, in milliseconds')
const interfaceName = z.string().describe('epm, drsuapi, netlogon, lsarpc or samr')

/** What a service said in its own protocol: `src/model/serviceAnswer.ts` says what each field is for. */
export const serviceAnswerSchema = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('kerberos-error'),
      code: z.int(),
      name: z.string().exactOptional(),
      realm: z.string(),
      serverTime: time,
      skewMs,
      resultCode: z.int().exactOptional().describe('RFC 3244 §2'),
      resultText: z.string().exactOptional(),
    }),
    z.object({ kind: z.literal('kerberos-reply'), realm: z.string() }),
    z.object({ kind: z.literal('rpc-bound'), interface: interfaceName }),
    z.object({ kind: z.literal('rpc-refused'), interface: interfaceName, reason: z.string() }),
    z.object({
      kind: z.literal('rpc-fault'),
      interface: interfaceName,
      status: count,
      name: z.string().exactOptional(),
    }),
    z.object({ kind: z.literal('endpoint'), interface: interfaceName, ports: z.array(port) }),
    z.object({
      kind: z.literal('no-endpoint'),
      interface: interfaceName,
      status: count,
      name: z.string().exactOptional(),
    }),
    z.object({
      kind: z.literal('root-dse'),
      activeDirectory: z.boolean(),
      product: z.string().exactOptional(),
      dnsHostName: z.string().exactOptional(),
      domain: z.string().exactOptional(),
      forest: z.string().exactOptional(),
      site: z.string().exactOptional(),
      currentTime: time.exactOptional(),
      skewMs: skewMs.exactOptional(),
      synchronized: z.boolean().exactOptional(),
      globalCatalogReady: z.boolean().exactOptional(),
      domainFunctionality: z.int().exactOptional(),
      forestFunctionality: z.int().exactOptional(),
      controllerFunctionality: z.int().exactOptional(),
      saslMechanisms: texts,
      startTls: z.boolean(),
    }),
    z.object({
      kind: z.literal('ldap-result'),
      code: z.int(),
      name: z.string().exactOptional(),
      text: z.string().exactOptional(),
    }),
    z.object({
      kind: z.literal('netlogon'),
      state: z.enum(['up', 'paused']),
      domain: z.string(),
      forest: z.string(),
      host: z.string(),
      netbiosDomain: z.string(),
      site: z.string(),
      clientSite: z.string().describe('Empty where no subnet fits'),
      flags: texts.describe('MS-ADTS §6.3.1.2'),
    }),
    z.object({ kind: z.literal('no-netlogon'), asked: z.string().exactOptional() }),
    z.object({
      kind: z.literal('smb'),
      dialect: z.string(),
      signing: z.enum(['required', 'enabled', 'none']),
      serverGuid: z.string(),
      serverTime: time.exactOptional(),
      skewMs: skewMs.exactOptional(),
      mechanisms: texts,
    }),
    z.object({ kind: z.literal('smb-refused'), why: z.string() }),
    z.object({
      kind: z.literal('framing'),
      said: z.enum(['upgrade', 'acknowledged', 'fault']),
      fault: z.string().exactOptional(),
    }),
    z.object({ kind: z.literal('amqp'), mechanisms: texts }),
    z.object({ kind: z.literal('amqp-other'), offered: z.string() }),
    z.object({
      kind: z.literal('tds'),
      version: z.string(),
      product: z.string().exactOptional(),
      encryption: z.enum(['off', 'on', 'not-supported', 'required', 'unknown']),
    }),
    z.object({
      kind: z.literal('ws-management'),
      said: z.enum(['identified', 'sign-in', 'not-registered', 'fault']),
      vendor: z.string().exactOptional(),
      version: z.string().exactOptional(),
      schemes: texts.exactOptional(),
      reason: z.string().exactOptional(),
    }),
  ])
  .meta({ id: 'ServiceAnswer', description: 'What a service said in its own protocol' })
