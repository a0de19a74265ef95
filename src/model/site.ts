import type { Cloud } from './cloud.ts'
import type { Feature } from './feature.ts'
import type { Direction, Phase, Transport } from './flow.ts'
import type { Gate } from './gate.ts'
import type { SiteRole } from './role.ts'
import type { Service } from './service.ts'
import type { Vendor } from './vendor.ts'
import type { WatchSettings } from './watch.ts'

/** A machine of the site. */
export interface Host {
  readonly roles: readonly SiteRole[]
  /** The name it is dialled by; the key in `hosts` when absent. */
  readonly name?: string
  /** Canonical RFC 5952 text. */
  readonly addresses: readonly string[]
  /** Builds of what runs there, such as `2.5.79.0`. */
  readonly versions?: { readonly 'entra-connect'?: string }
}

/** A set of machines that share a role, such as the clients of an office. */
export interface Network {
  readonly roles: readonly SiteRole[]
  /** Canonical CIDR text, no host bits set. */
  readonly prefixes: readonly string[]
}

/** An outgoing HTTP proxy and the hosts that use it. */
export interface Proxy {
  readonly url: string
  readonly usedBy: readonly string[]
  /** A reference such as `env:PROXY_AUTH`, never the secret itself. */
  readonly credentials?: string
}

/** Questions about the site that decide some rows and that no feature or role answers. */
export const facts = [
  'wizard-manages-ad-fs',
  'filter-by-address-only',
  'outbound-proxy',
  'wpad',
  'static-rpc-port',
  'multi-domain-forest',
  'time-from-ad',
  'password-change-from-members',
  'ad-powershell',
  'ad-fs-farm',
  'ad-fs-on-sql',
  'ad-fs-2012r2',
  'certauth-on-443',
  'constrained-delegation',
  'installer-has-mfa',
  'groups-overage',
  'old-health-agent',
  'old-connector-build',
] as const
export type Fact = (typeof facts)[number]

/** A flow that the user adds to what Microsoft requires, or forbids. */
export interface OwnFlow {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly ports: readonly number[]
  readonly transport: readonly Exclude<Transport, 'icmp'>[]
  /** Absent: what is usual at each port. */
  readonly service?: Service
  readonly path?: string
  readonly purpose?: string
  readonly phase?: Phase
  readonly direction?: Direction
  readonly forbid: boolean
}

/** An app of the site's own behind a sign-in, and what is right for it. */
export interface OwnApp {
  /** Where it is opened, by the name and port of the flows that lead to it: `https://app01.corp.example:8443`. */
  readonly url: string
  /** As they are registered, letter by letter. */
  readonly redirectUris: readonly string[]
  /** The application (client) id of its registration, a GUID in lower case. */
  readonly client?: string
  /** Who issues its tokens; absent: the tenant of the site. */
  readonly issuer?: string
}

/** A firewall or another device whose configuration can be audited. */
export interface Device {
  readonly vendor: Vendor
  /** Paths, absolute or relative to the site file. */
  readonly files: readonly string[]
  /** Networks behind each interface or zone, in canonical CIDR text. */
  readonly interfaces: Readonly<Record<string, readonly string[]>>
  /**
   * Hosts and networks whose own firewall or network card it is: what they send leaves by it, what they are sent comes
   * in by it. Absent: not said.
   */
  readonly protects?: readonly string[]
}

/** The devices that stand between two ends, nearest to `from` first. */
export interface DevicePath {
  /** A host, network or role. */
  readonly from: string
  readonly to: string
  readonly through: readonly string[]
}

/** What the user has: the contents of the site file, checked and with its defaults filled in. */
export interface Site {
  readonly site: string
  readonly cloud: Cloud
  /** A tenant name such as `contoso.onmicrosoft.com`, or its id (a GUID). */
  readonly tenant?: string
  readonly domain?: string
  readonly forest?: string
  /** The federation service name, such as `sts.contoso.com`. */
  readonly federationService?: string
  readonly features: readonly Feature[]
  readonly facts: Readonly<Partial<Record<Fact, boolean>>>
  readonly hosts: Readonly<Record<string, Host>>
  readonly networks: Readonly<Record<string, Network>>
  readonly resolvers: { readonly internal: readonly string[]; readonly control: readonly string[] }
  readonly proxies: Readonly<Record<string, Proxy>>
  /** Paths of PEM files, absolute or relative to the site file. */
  readonly trust: { readonly certificates: readonly string[] }
  /** `name` or `name:port` to `address` or `address:port`. */
  readonly names: Readonly<Record<string, string>>
  readonly flows: readonly OwnFlow[]
  /** Absent: nothing is known of any. */
  readonly apps?: Readonly<Record<string, OwnApp>>
  readonly devices: Readonly<Record<string, Device>>
  readonly paths: readonly DevicePath[]
  readonly gate?: Gate
  readonly watch?: WatchSettings
}
