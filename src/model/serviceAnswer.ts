/** What is asked of a service in its own protocol: the smallest question that proves it, without credentials. */
export const serviceQuestions = [
  'kerberos-as-request',
  'kpasswd-request',
  'rpc-bind',
  'endpoint-map',
  'ldap-root-dse',
  'ldap-start-tls',
  'netlogon-ping',
  'smb2-negotiate',
  'smb1-negotiate',
  'framing-preamble',
  'amqp-header',
  'tds-pre-login',
] as const
export type ServiceQuestion = (typeof serviceQuestions)[number]

/**
 * What a service said in its own protocol, as facts: times in ISO 8601 UTC, `skewMs` the server's clock less this machine's
 * in milliseconds, texts cut to a sane length and printable.
 */
export type ServiceAnswer =
  | KerberosError
  | KerberosReply
  | RpcBound
  | RpcRefused
  | RpcFault
  | Endpoint
  | NoEndpoint
  | RootDse
  | LdapResult
  | Netlogon
  | NoNetlogon
  | Smb
  | SmbRefused
  | Framing
  | Amqp
  | AmqpOther
  | Tds
  | WsManagement

/** KRB-ERROR (RFC 4120 §5.9.1), also as kpasswd answers with it (RFC 3244 §2). */
export interface KerberosError {
  readonly kind: 'kerberos-error'
  readonly code: number
  /** Such as `KDC_ERR_C_PRINCIPAL_UNKNOWN`; absent for a number that no document names. */
  readonly name?: string
  readonly realm: string
  readonly serverTime: string
  readonly skewMs: number
  /** kpasswd's own result, which stands in the error's data. */
  readonly resultCode?: number
  readonly resultText?: string
}

/** A ticket for the name that nobody has: something hands out tickets to whoever asks. */
export interface KerberosReply {
  readonly kind: 'kerberos-reply'
  readonly realm: string
}

/** An interface was bound on its port (C706 §12.6.4.4). */
export interface RpcBound {
  readonly kind: 'rpc-bound'
  /** `epm`, `drsuapi`, `netlogon`, `lsarpc`, `samr`. */
  readonly interface: string
}

/** The server speaks DCE/RPC and does not let us bind. */
export interface RpcRefused {
  readonly kind: 'rpc-refused'
  readonly interface: string
  readonly reason: string
}

/** A fault in place of an answer (C706 §12.6.4.7), such as `access denied`. */
export interface RpcFault {
  readonly kind: 'rpc-fault'
  readonly interface: string
  readonly status: number
  readonly name?: string
}

/** Where the endpoint mapper says an interface is served over TCP. */
export interface Endpoint {
  readonly kind: 'endpoint'
  readonly interface: string
  /** Each once, ascending. */
  readonly ports: readonly number[]
}

/** The endpoint mapper knows no TCP port of an interface. */
export interface NoEndpoint {
  readonly kind: 'no-endpoint'
  readonly interface: string
  readonly status: number
  readonly name?: string
}

/** The entry at the root of a directory (RFC 4512 §5.1; MS-ADTS §3.1.1.3.2). */
export interface RootDse {
  readonly kind: 'root-dse'
  /** It says of itself that it is an Active Directory domain controller (supportedCapabilities). */
  readonly activeDirectory: boolean
  /** What a directory of another make calls itself. */
  readonly product?: string
  readonly dnsHostName?: string
  /** DNS names of the domain and of the forest's root, by the naming contexts. */
  readonly domain?: string
  readonly forest?: string
  /** The site that the server stands in, by its own name in the configuration. */
  readonly site?: string
  /** To the second. */
  readonly currentTime?: string
  readonly skewMs?: number
  readonly synchronized?: boolean
  readonly globalCatalogReady?: boolean
  readonly domainFunctionality?: number
  readonly forestFunctionality?: number
  readonly controllerFunctionality?: number
  readonly saslMechanisms: readonly string[]
  readonly startTls: boolean
}

/** A result without an entry (RFC 4511 §4.1.9): of StartTLS, or a refusal. */
export interface LdapResult {
  readonly kind: 'ldap-result'
  readonly code: number
  /** Such as `unavailable`; absent for a number that RFC 4511 does not name. */
  readonly name?: string
  readonly text?: string
}

/** A domain controller's answer to a ping over CLDAP (MS-ADTS §6.3.1.9). */
export interface Netlogon {
  readonly kind: 'netlogon'
  /** `paused`: it is there and takes no logons. */
  readonly state: 'up' | 'paused'
  readonly domain: string
  readonly forest: string
  readonly host: string
  readonly netbiosDomain: string
  /** The site of the controller, and the one that it puts this machine in; empty where no subnet fits. */
  readonly site: string
  readonly clientSite: string
  /** Names of DS_FLAG (MS-ADTS §6.3.1.2): `gc`, `kdc`, `timeserv`, `closest`, `writable`, `ws`. */
  readonly flags: readonly string[]
}

/** The directory answers and knows nothing of the domain that was asked for. */
export interface NoNetlogon {
  readonly kind: 'no-netlogon'
  readonly asked?: string
}

/** The answer to SMB2 NEGOTIATE (MS-SMB2 §2.2.4). */
export interface Smb {
  readonly kind: 'smb'
  /** Such as `3.1.1`. */
  readonly dialect: string
  readonly signing: 'required' | 'enabled' | 'none'
  /** Of the server, whichever of its names and addresses is asked. */
  readonly serverGuid: string
  readonly serverTime?: string
  readonly skewMs?: number
  /** Such as `Kerberos`, `NTLM`. */
  readonly mechanisms: readonly string[]
}

/** SMB, and no dialect that both speak. */
export interface SmbRefused {
  readonly kind: 'smb-refused'
  /** SMB 1 alone, or an error by its NTSTATUS. */
  readonly why: string
}

/** What stands at a .NET message framing port said to the preamble (MC-NMF §2.2.3). */
export interface Framing {
  readonly kind: 'framing'
  readonly said: 'upgrade' | 'acknowledged' | 'fault'
  /** The last part of the fault's address, such as `EndpointNotFound`. */
  readonly fault?: string
}

/** SASL was agreed on, with these mechanisms (AMQP 1.0 part 5 §5.3.3.1). */
export interface Amqp {
  readonly kind: 'amqp'
  readonly mechanisms: readonly string[]
}

/** AMQP, in another version or without SASL. */
export interface AmqpOther {
  readonly kind: 'amqp-other'
  readonly offered: string
}

/** The answer to a TDS pre-login (MS-TDS §2.2.6.5). */
export interface Tds {
  readonly kind: 'tds'
  /** `16.0.1000`. */
  readonly version: string
  readonly product?: string
  readonly encryption: 'off' | 'on' | 'not-supported' | 'required' | 'unknown'
}

/** What came back to Identify of WS-Management (DSP0226 §11). */
export interface WsManagement {
  readonly kind: 'ws-management'
  /**
   * `identified`: it says what it is. `sign-in`: Windows' own HTTP service asks for one at `/wsman`, as WinRM does.
   * `not-registered`: that service answers, and WinRM is not behind it. `fault`: SOAP, and the question is refused.
   */
  readonly said: 'identified' | 'sign-in' | 'not-registered' | 'fault'
  readonly vendor?: string
  readonly version?: string
  /** Ways to sign in that it offers. */
  readonly schemes?: readonly string[]
  readonly reason?: string
}

/** By the kind of an answer, the answer: for whoever looks for one kind among many. */
export type ServiceAnswerOf<K extends ServiceAnswer['kind']> = Extract<ServiceAnswer, { readonly kind: K }>
