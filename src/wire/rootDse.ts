import type { LdapEntry } from './ldap.ts'
import { allTexts, firstText, ldapRootSearch } from './ldap.ts'
import { printableUtf8 } from './printable-octets.ts'

/**
 * What a directory says of itself to anyone who asks: its root entry (rootDSE, RFC 4512 §5.1; the attributes of Active
 * Directory: MS-ADTS §3.1.1.3.2). A fact that is absent was not told, or not in its form.
 */
export interface RootDse {
  /** By the capability that it names: a domain controller, AD LDS (ADAM), or a directory of another kind. */
  readonly directory: 'active-directory' | 'ad-lds' | 'other'
  /** What the server calls itself, where it does: `OpenLDAP`, or the vendor's name and version (RFC 3045). */
  readonly product?: string
  /** Fully qualified name of the server. */
  readonly dnsHostName?: string
  /** Distinguished name of the server's own object, below its site. */
  readonly serverName?: string
  /** The site that `serverName` lies in. */
  readonly site?: string
  /** What it holds, the first eight. */
  readonly namingContexts: readonly string[]
  readonly defaultNamingContext?: string
  readonly rootDomainNamingContext?: string
  readonly configurationNamingContext?: string
  /** DNS name of the domain that the server is a controller of. */
  readonly domain?: string
  /** DNS name of the first domain of the forest. */
  readonly forest?: string
  /** `domain:host$@REALM`, and the realm of it. */
  readonly ldapServiceName?: string
  readonly realm?: string
  /** The server's clock as it answered, milliseconds since 1970; most servers leave the fraction of the second out. */
  readonly currentTime?: number
  /** Whether the server has finished a first replication since it started: before, it does not advertise itself. */
  readonly isSynchronized?: boolean
  readonly isGlobalCatalogReady?: boolean
  /** Levels of MS-ADTS §6.1.4: 7 is Windows Server 2016, 10 is 2025. */
  readonly domainFunctionality?: number
  readonly forestFunctionality?: number
  readonly domainControllerFunctionality?: number
  readonly saslMechanisms: readonly string[]
  readonly ldapVersions: readonly number[]
  /** Object identifiers of its capabilities (MS-ADTS §3.1.1.3.4.3). */
  readonly capabilities: readonly string[]
  /** Whether it says that it knows StartTLS. It may refuse for want of a certificate, and Samba knows it without a word. */
  readonly startTls: boolean
}

const startTls = '1.3.6.1.4.1.1466.20037'
const activeDirectory = '1.2.840.113556.1.4.800'
const activeDirectoryLds = '1.2.840.113556.1.4.1851'
/** structuralObjectClass of slapd's root entry. */
const openLdapRoot = 'OpenLDAProotDSE'

/** The longest that a DNS name makes of a distinguished name, and a host, a site and their containers before it. */
const mostNameOctets = 1024
/** Of an object identifier or the name of a mechanism. */
const mostWordOctets = 64
const mostVendorOctets = 100
const mostContexts = 8

/** Asked for by name: operational attributes are not sent to who does not name them. */
const rootDseAttributes = [
  'dnsHostName',
  'serverName',
  'namingContexts',
  'defaultNamingContext',
  'rootDomainNamingContext',
  'configurationNamingContext',
  'ldapServiceName',
  'currentTime',
  'isSynchronized',
  'isGlobalCatalogReady',
  'domainFunctionality',
  'forestFunctionality',
  'domainControllerFunctionality',
  'supportedSASLMechanisms',
  'supportedLDAPVersion',
  'supportedCapabilities',
  'supportedExtension',
  'structuralObjectClass',
  'vendorName',
  'vendorVersion',
] as const

type RootDseAttribute = (typeof rootDseAttributes)[number]

/** Asks for the root entry, which is everyone's to read (RFC 4513 §5.1). */
export function rootDseRequest(messageId: number): Uint8Array {
  return ldapRootSearch(messageId, { present: 'objectClass' }, rootDseAttributes)
}

/** Takes the facts out of the root entry; any entry gives a value. */
export function readRootDse(entry: LdapEntry): RootDse {
  const text = (attribute: RootDseAttribute): string | undefined => firstText(entry, attribute, mostNameOctets)
  const texts = (attribute: RootDseAttribute): readonly string[] => allTexts(entry, attribute, mostWordOctets)
  const capabilities = texts('supportedCapabilities')
  const serviceName = text('ldapServiceName')
  const serverName = text('serverName')
  const domain = text('defaultNamingContext')
  const forest = text('rootDomainNamingContext')
  const configuration = text('configurationNamingContext')
  return {
    directory: capabilities.includes(activeDirectory)
      ? 'active-directory'
      : capabilities.includes(activeDirectoryLds)
        ? 'ad-lds'
        : 'other',
    ...told({
      product: productOf(entry),
      dnsHostName: text('dnsHostName'),
      serverName,
      site: serverName && configuration && siteOfServer(serverName, configuration),
      defaultNamingContext: domain,
      rootDomainNamingContext: forest,
      configurationNamingContext: configuration,
      domain: domain && dnsNameOfNamingContext(domain),
      forest: forest && dnsNameOfNamingContext(forest),
      ldapServiceName: serviceName,
      realm: serviceName?.includes('@') ? serviceName.slice(serviceName.lastIndexOf('@') + 1) : undefined,
      currentTime: timeOf(text('currentTime')),
      isSynchronized: truthOf(text('isSynchronized')),
      isGlobalCatalogReady: truthOf(text('isGlobalCatalogReady')),
      domainFunctionality: numberOf(text('domainFunctionality')),
      forestFunctionality: numberOf(text('forestFunctionality')),
      domainControllerFunctionality: numberOf(text('domainControllerFunctionality')),
    }),
    namingContexts: allTexts(entry, 'namingContexts', mostNameOctets).slice(0, mostContexts),
    saslMechanisms: texts('supportedSASLMechanisms'),
    ldapVersions: texts('supportedLDAPVersion')
      .map(numberOf)
      .filter((version) => version !== undefined),
    capabilities,
    startTls: texts('supportedExtension').includes(startTls),
  }
}

/**
 * The DNS name of a naming context: `corp.example` for `DC=corp,DC=example` (RFC 2247).
 *
 * @returns undefined for a distinguished name that has other parts, such as that of the configuration
 */
export function dnsNameOfNamingContext(name: string): string | undefined {
  const parts = partsOf(name)
  return parts.length > 0 && parts.every(({ type }) => type === 'dc')
    ? parts.map(({ value }) => value).join('.')
    : undefined
}

/** The site out of `CN=host,CN=Servers,CN=site,CN=Sites,` and the configuration's own name. */
function siteOfServer(serverName: string, configuration: string): string | undefined {
  const end = `,CN=Sites,${configuration}`
  if (!serverName.toLowerCase().endsWith(end.toLowerCase())) return undefined
  const [, servers, site, ...rest] = partsOf(serverName.slice(0, -end.length))
  return servers?.value.toLowerCase() === 'servers' && rest.length === 0 ? site?.value : undefined
}

/** Parts of a distinguished name (RFC 4514), the type in lower case, the value without its escapes. */
function partsOf(name: string): readonly { readonly type: string; readonly value: string }[] {
  return [...name.matchAll(/(?:\\.|[^,\\])+/gs)].map(([part]) => {
    const equals = part.indexOf('=')
    return {
      type: part.slice(0, Math.max(0, equals)).trim().toLowerCase(),
      value: part.slice(equals + 1).replaceAll(/((?:\\[\da-f]{2})+)|\\(.)/gis, (_, hex?: string, character = '') => {
        const octets = hex?.split('\\').slice(1) ?? []
        return hex === undefined
          ? `${character}`
          : printableUtf8(
              Uint8Array.from(octets, (octet) => Number.parseInt(octet, 16)),
              octets.length,
            )
      }),
    }
  })
}

function productOf(entry: LdapEntry): string | undefined {
  if (firstText(entry, 'structuralObjectClass', mostWordOctets) === openLdapRoot) return 'OpenLDAP'
  const parts = [firstText(entry, 'vendorName', mostVendorOctets), firstText(entry, 'vendorVersion', mostVendorOctets)]
  return parts.filter((part) => part !== undefined).join(' ')
}

/** GeneralizedTime as directories write it (RFC 4517 §3.3.13): to the second, perhaps with a fraction, in UTC. */
function timeOf(text: string | undefined): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:[.,](\d{1,9}))?Z$/.exec(text ?? '')
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction = '0'] = match
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(ms) ? undefined : ms + Math.floor(Number(`0.${fraction}`) * 1000)
}

function truthOf(text: string | undefined): boolean | undefined {
  return text === 'TRUE' ? true : text === 'FALSE' ? false : undefined
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,4}$/.test(text) ? Number(text) : undefined
}

type Told<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined | ''> }

/** The facts without those that are unknown. */
function told<T extends object>(facts: T): Told<T> {
  return Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined && fact !== '')) as Told<T>
}
