import { z } from 'zod'
import { factRows, featureRows, roleRows } from '../catalog/index.ts'
import { clouds } from '../model/cloud.ts'
import { features } from '../model/feature.ts'
import { directions, phases } from '../model/flow.ts'
import { siteRoles } from '../model/role.ts'
import { services } from '../model/service.ts'
import { facts } from '../model/site.ts'
import { vendors } from '../model/vendor.ts'
import { gateSchema } from './gateSchema.ts'
import { distinct, textAs, wordsOf } from './siteFields.ts'
import {
  readAddress,
  readAppUrl,
  readBuild,
  readClientId,
  readCredentials,
  readHostName,
  readIssuer,
  readLabel,
  readMappedName,
  readPath,
  readPlace,
  readPrefix,
  readProxyUrl,
  readRedirectUri,
  readResolver,
  readTenant,
} from './siteTexts.ts'
import { watchSchema } from './watchSchema.ts'

/** Names of things of the site: `\p{L}` and `\p{N}` are letters and digits of any script. */
const labelForm = { pattern: '^[\\p{L}\\p{N}_][\\p{L}\\p{N}_.-]*$', maxLength: 64 }
const label = textAs(readLabel).meta(labelForm)
/** The same as a key: judged by `referenceErrors`, since a record passes over the value of a key that it refuses. */
const key = z.string().meta(labelForm)
const hostName = textAs(readHostName)
const address = textAs(readAddress).meta({ examples: ['10.1.0.10'] })
const prefix = textAs(readPrefix).meta({ examples: ['10.2.0.0/16'] })
const resolver = textAs(readResolver).meta({ examples: ['10.1.0.5', '10.1.0.5:5353', '[2001:db8::5]:53'] })
const file = z
  .string()
  .min(1)
  .meta({ examples: ['enterprise-ca.pem'] })
const endName = z.string().meta({ description: 'A host, a network, a role that the site has, or internet.' })

const meaning = (title: string, rows: Readonly<Record<string, { readonly title: string }>>, words: readonly string[]) =>
  `${title}\n\n${words.map((word) => `- \`${word}\`: ${rows[word]?.title ?? word}`).join('\n')}`

const roles = wordsOf('role', siteRoles).meta({
  description: meaning('What it does: the flows of the catalog follow from it.', roleRows, siteRoles),
  examples: [['domain-controller', 'dns-server']],
})

const host = z
  .strictObject({
    roles,
    name: hostName.exactOptional().meta({
      description: 'The DNS name it is dialled by; absent: its key where that has a dot, else its addresses.',
      examples: ['dc01.corp.example'],
    }),
    addresses: distinct(z.array(address))
      .default([])
      .meta({ description: 'IPv4 and IPv6 addresses; absent: the name is resolved.', examples: [['10.1.0.10']] }),
    versions: z
      .strictObject({
        'entra-connect': textAs(readBuild)
          .exactOptional()
          .meta({
            description:
              'The build of Microsoft Entra Connect Sync, as its wizard and the list of installed programs show it.',
            pattern: '^\\d{1,5}(\\.\\d{1,5}){3}$',
            examples: ['2.5.79.0'],
          }),
      })
      .exactOptional()
      .meta({
        description: 'Builds of what runs there: one that is too old to work is said before anything about ports.',
        examples: [{ 'entra-connect': '2.5.79.0' }],
      }),
  })
  .meta({ description: 'A machine.' })

const network = z
  .strictObject({
    roles,
    prefixes: distinct(z.array(prefix))
      .default([])
      .meta({ description: 'In CIDR notation, no bits set behind the prefix.', examples: [['10.2.0.0/16']] }),
  })
  .meta({ description: 'A set of machines.' })

const proxy = z
  .strictObject({
    url: textAs(readProxyUrl).meta({
      description: 'Scheme, host and port.',
      examples: ['http://proxy.corp.example:3128'],
    }),
    'used-by': distinct(z.array(z.string())).meta({
      description: 'Hosts and networks whose way to the internet leads through it.',
      examples: [['connect01']],
    }),
    credentials: textAs(readCredentials)
      .exactOptional()
      .meta({
        description: 'Where `user:password` is to be found; never the secret itself.',
        pattern: '^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|store:.+)$',
        examples: ['env:PROXY_AUTH', 'file:/run/secrets/proxy', 'store:proxy'],
      }),
  })
  .meta({ description: 'An outgoing HTTP proxy.' })

const device = z
  .strictObject({
    vendor: z
      .enum(vendors)
      .meta({ title: 'vendor', description: 'Whose configuration it is.', examples: ['nftables'] }),
    files: z
      .array(file)
      .min(1)
      .meta({ description: 'Its configuration, relative to the site file.', examples: [['edge.nft']] }),
    interfaces: z
      .record(z.string(), distinct(z.array(prefix)).meta({ description: 'Networks in CIDR notation.' }))
      .default({})
      .meta({ description: 'The networks behind each interface or zone.', examples: [{ lan0: ['10.0.0.0/8'] }] }),
    protects: distinct(z.array(z.string()).min(1))
      .exactOptional()
      .meta({
        description:
          'Hosts and networks whose own firewall or network card it is: what they open is held against its outgoing rules, what they accept against its incoming ones; absent: it stands between networks.',
        examples: [['connect01']],
      }),
  })
  .meta({ description: 'A firewall, proxy or router.' })

const devicePath = z.strictObject({
  from: endName,
  to: endName,
  through: z
    .array(z.string())
    .min(1)
    .meta({ description: 'Devices, the one nearest to `from` first.', examples: [['edge']] }),
})

const ownFlow = z.strictObject({
  id: label.meta({ description: 'Its own word: reports and --flow use it.', examples: ['payroll'] }),
  from: endName,
  to: endName,
  ports: distinct(z.array(z.int().min(1).max(65535).meta({ title: 'port' })).min(1)).meta({
    description: 'Ports of the end that accepts, 1 to 65535.',
    examples: [[8443]],
  }),
  transport: wordsOf('transport', ['tcp', 'udp'])
    .default(['tcp'])
    .meta({ description: 'tcp, udp or both.', examples: [['tcp']] }),
  service: z
    .enum(services)
    .exclude(['icmp-echo'])
    .exactOptional()
    .meta({
      title: 'service',
      description: 'What is spoken there, which chooses the probe; absent: the usual service of the port.',
      examples: ['https'],
    }),
  path: textAs(readPath)
    .exactOptional()
    .meta({ description: 'The path of an HTTP request.', examples: ['/health'] }),
  purpose: z.string().exactOptional().meta({ description: 'What it is for: stands in the plan and in the rules.' }),
  phase: z.enum(phases).exactOptional().meta({ title: 'phase', description: 'When it is needed; absent: runtime.' }),
  direction: z.enum(directions).exactOptional().meta({ title: 'direction', description: 'Absent: internal.' }),
  forbid: z.boolean().default(false).meta({ description: 'true: it must be closed, and open is a finding.' }),
})

const ownApp = z
  .strictObject({
    url: textAs(readAppUrl).meta({
      description:
        'Where it is opened, by the name and port of the flows that lead to it; a flow without a path is asked at the path of this one.',
      examples: ['https://app01.corp.example:8443'],
    }),
    'redirect-uris': distinct(z.array(textAs(readRedirectUri)))
      .default([])
      .meta({
        description:
          'Redirect URIs as they are registered, letter by letter; absent: the sign-in has to come back to the scheme, host and port of `url`.',
        examples: [['https://app01.corp.example:8443/signin-oidc']],
      }),
    client: textAs(readClientId)
      .exactOptional()
      .meta({
        description: 'The application (client) id of its registration.',
        examples: ['00001111-aaaa-2222-bbbb-3333cccc4444'],
      }),
    issuer: textAs(readIssuer)
      .exactOptional()
      .meta({
        description: 'Who issues its tokens; absent: the tenant of the site.',
        examples: ['https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0'],
      }),
  })
  .meta({ description: 'An app of the site’s own behind a sign-in.' })

const factsSchema = z.strictObject(
  Object.fromEntries(
    facts.map((fact) => {
      const { question, derivedFrom } = factRows[fact]
      const description = derivedFrom === undefined ? question : `${question} Else taken from: ${derivedFrom}.`
      return [fact, z.boolean().exactOptional().meta({ description })]
    }),
  ),
)

/** The site file as it is written, before its names are compared with each other: `parseSite` does that. */
export const siteSchema = z
  .strictObject({
    site: label.meta({ description: 'How the site is called in reports.', examples: ['hq'] }),
    cloud: z
      .enum(clouds)
      .default('worldwide')
      .meta({ title: 'cloud', description: 'The Microsoft cloud that the tenant lives in.', examples: ['worldwide'] }),
    tenant: textAs(readTenant)
      .exactOptional()
      .meta({ description: 'Its name or its id.', examples: ['contoso.onmicrosoft.com'] }),
    domain: hostName.exactOptional().meta({ description: 'The AD domain.', examples: ['corp.example'] }),
    forest: hostName
      .exactOptional()
      .meta({ description: 'The root domain of the forest, when it is another.', examples: ['root.example'] }),
    'federation-service': hostName
      .exactOptional()
      .meta({ description: 'The federation service name of AD FS.', examples: ['sts.contoso.com'] }),
    features: wordsOf('feature', features)
      .default([])
      .meta({
        description: meaning('What is switched on.', featureRows, features),
        examples: [['password-hash-sync', 'seamless-sso']],
      }),
    facts: factsSchema
      .default({})
      .meta({ description: 'Answers that decide some flows; what nobody answers is planned as conditional.' }),
    hosts: z.record(key, host).meta({
      description: 'The machines of the site.',
      examples: [{ dc01: { roles: ['domain-controller'], addresses: ['10.1.0.5'] } }],
    }),
    networks: z
      .record(key, network)
      .default({})
      .meta({
        description: 'Networks whose machines share a role.',
        examples: [{ staff: { roles: ['user-client'], prefixes: ['10.2.0.0/16'] } }],
      }),
    resolvers: z
      .strictObject({
        internal: distinct(z.array(resolver))
          .default([])
          .meta({ description: 'The site’s own, asked in this order.', examples: [['10.1.0.5']] }),
        control: distinct(z.array(resolver))
          .default([])
          .meta({ description: 'Outside ones, asked to judge the others by.', examples: [['9.9.9.9']] }),
      })
      .default({ internal: [], control: [] })
      .meta({ description: 'DNS servers; absent: this machine’s own resolution.' }),
    proxies: z.record(key, proxy).default({}).meta({ description: 'Outgoing HTTP proxies.' }),
    trust: z
      .strictObject({
        certificates: distinct(z.array(file))
          .default([])
          .meta({ description: 'PEM files, relative to the site file.', examples: [['enterprise-ca.pem']] }),
      })
      .default({ certificates: [] })
      .meta({ description: 'CAs that are legitimate here; never for a name where Microsoft supports no inspection.' }),
    names: z
      .record(textAs(readMappedName), textAs(readPlace).meta({ description: 'An address, address:port, or :port.' }))
      .default({})
      .meta({
        description:
          'Where a name is served in a lab or a private cloud. A key is name, name:port, or *:port for every name at that port; a value an address, address:port, or :port to resolve as usual and dial that port.',
        examples: [{ 'login.microsoftonline.com': '127.0.0.1:9443' }],
      }),
    devices: z.record(key, device).default({}).meta({ description: 'Firewalls, proxies and routers, for audit.' }),
    paths: z.array(devicePath).default([]).meta({ description: 'Which devices stand between two ends, for audit.' }),
    flows: z.array(ownFlow).default([]).meta({
      description: 'Flows of the site’s own, beside those of the catalog, and flows that it forbids.',
    }),
    apps: z
      .record(key, ownApp)
      .exactOptional()
      .meta({
        description: 'Own apps behind a sign-in: what a check compares the sign-in that they ask for with.',
        examples: [{ payroll: { url: 'https://app01.corp.example:8443' } }],
      }),
    gate: gateSchema.exactOptional(),
    watch: watchSchema.exactOptional(),
  })
  .meta({
    title: 'Postern site file',
    description: 'What there is, from which the flows follow.',
    examples: [{ site: 'hq', hosts: { dc01: { roles: ['domain-controller'] } } }],
  })

/** A site file whose form is right: addresses canonical, absent sections filled in. */
export type WrittenSite = z.output<typeof siteSchema>
