import { everyAddress, unknownAddresses } from '../../addresses.ts'
import { mergedNumbers } from '../../numberRanges.ts'
import type { NumberRange } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'
import { aclAddresses } from './aclAddresses.ts'
import type { Condition } from './condition.ts'
import { testOf } from './condition.ts'
import { namePatternOf, namePatternOfRegex } from './namePatternOf.ts'

/** What a type of acl makes of its values; undefined where one of them is none that the type has. */
type AclType = (values: readonly string[], acl: string) => Condition | undefined

/** A type of which a configuration does not say when it holds. */
function open(kind: Unknown['kind'], about: string): AclType {
  return (_, acl) => testOf({}, { kind, what: `${about} (acl ${acl})` })
}

/** Of a tunnel squid sees nothing but host and port; `proto` of a plain request is HTTP. */
const methods: AclType = (values, acl) => {
  const words = new Set(values.map((value) => value.toUpperCase()))
  const isConnect = words.has('CONNECT')
  words.delete('CONNECT')
  // Lists and answers about certificates are asked for by these two (RFC 5280 §4.2.1.13, RFC 6960 appendix A).
  const isPlain = words.has('GET') && words.has('POST')
  const tunnels = testOf({ requests: ['connect'] })
  if (words.size === 0) return tunnels
  const plain = testOf(
    { requests: ['plain'] },
    ...(isPlain ? [] : [{ kind: 'packet', what: `the method of the request (acl ${acl})` } as const]),
  )
  return isConnect ? { kind: 'or', of: [tunnels, plain] } : plain
}

const ports: AclType = (values) => {
  const ranges = values.map((value): NumberRange | undefined => {
    const [, first = '', last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(value) ?? []
    const range = { first: Number(first), last: Number(last) }
    return first === '' || range.last > 65535 || range.last < range.first ? undefined : range
  })
  if (ranges.some((range) => range === undefined)) return undefined
  return testOf({ destinationPorts: mergedNumbers(ranges.filter((range) => range !== undefined)) })
}

const names: AclType = (values) => testOf({ requestedNames: values.map(namePatternOf) })

const nameExpressions: AclType = (values, acl) => {
  const patterns = values.map(namePatternOfRegex)
  const known = patterns.filter((pattern) => pattern !== undefined)
  const said = known.length === 0 ? [] : [testOf({ requestedNames: known })]
  if (known.length === patterns.length) return said[0]
  const unknown = testOf({}, { kind: 'other', what: `whether a regular expression fits the name (acl ${acl})` })
  return { kind: 'or', of: [...said, unknown] }
}

const protocols: AclType = (values, acl) => {
  const words = values.map((value) => value.toUpperCase())
  if (words.every((word) => word === 'HTTP')) return testOf({ requests: ['plain'] })
  return testOf({}, { kind: 'packet', what: `the protocol of the request (acl ${acl})` })
}

/** Types by name, as squid.conf documents `acl`. */
export const aclTypes: Readonly<Record<string, AclType>> = {
  src: (values) => withAddresses(values, (source) => testOf({ source })),
  dst: (values) => withAddresses(values, (destination) => testOf({ destination })),
  port: ports,
  method: methods,
  proto: protocols,
  dstdomain: names,
  'ssl::server_name': names,
  dstdom_regex: nameExpressions,
  'ssl::server_name_regex': nameExpressions,
  localip: open('place', 'the address of the proxy that was asked'),
  localport: open('place', 'the port of the proxy that was asked'),
  myportname: open('place', 'the port of the proxy that was asked'),
  time: open('time', 'the time of day'),
  proxy_auth: open('user', 'who signs in at the proxy'),
  proxy_auth_regex: open('user', 'who signs in at the proxy'),
  ident: open('user', 'the user by ident'),
  ident_regex: open('user', 'the user by ident'),
  ext_user: open('user', 'the user that a program names'),
  ext_user_regex: open('user', 'the user that a program names'),
  user_cert: open('user', 'the certificate of the client'),
  ca_cert: open('user', 'the certificate of the client'),
  external: open('other', 'what a program of its own answers'),
  srcdomain: open('names', 'the name of the client'),
  srcdom_regex: open('names', 'the name of the client'),
  browser: open('application', 'what the client calls itself'),
  referer_regex: open('packet', 'fields of the request'),
  req_header: open('packet', 'fields of the request'),
  req_mime_type: open('packet', 'fields of the request'),
  url_regex: open('packet', 'the URL of the request'),
  urlpath_regex: open('packet', 'the path of the request'),
  urllogin: open('packet', 'the URL of the request'),
  arp: open('other', 'the hardware address of the client'),
  eui64: open('other', 'the hardware address of the client'),
  src_as: open('tag', 'the routing of the client'),
  dst_as: open('tag', 'the routing of the server'),
  maxconn: open('limit', 'how many connections the client has'),
  max_user_ip: open('limit', 'from how many addresses the user comes'),
  client_connection_mark: open('packet', 'a mark of the connection'),
  clientside_mark: open('packet', 'a mark of the connection'),
  random: open('other', 'chance'),
  peername: open('other', 'the parent that is asked'),
  peername_regex: open('other', 'the parent that is asked'),
  hier_code: open('other', 'the way to the server'),
  note: open('other', 'a note of the transaction'),
  annotate_client: () => testOf({}),
  annotate_transaction: () => testOf({}),
  adaptation_service: open('other', 'an adaptation service'),
  has: open('other', 'what is known of the transaction'),
  squid_error: open('other', 'an error'),
  transaction_initiator: open('other', 'who began the transaction'),
  connections_encrypted: open('packet', 'whether the request came over TLS'),
  on_unsupported_protocol: open('packet', 'what is spoken in the tunnel'),
  ssl_error: open('other', 'an error of TLS'),
  server_cert_fingerprint: open('other', 'the certificate of the server'),
  http_status: open('packet', 'the answer'),
  rep_header: open('packet', 'the answer'),
  rep_mime_type: open('packet', 'the answer'),
  snmp_community: open('other', 'a community of SNMP'),
  tag: open('other', 'a tag of a program'),
}

/** Acls that squid has without a line. */
export const builtInAcls: Readonly<Record<string, Condition>> = {
  all: testOf({}),
  connect: testOf({ requests: ['connect'] }),
  localhost: addressTest(['127.0.0.0/8', '::1'], 'source'),
  to_localhost: addressTest(['127.0.0.0/8', '0.0.0.0/32', '::1', '::'], 'destination'),
  to_linklocal: addressTest(['169.254.0.0/16', 'fe80::/10'], 'destination'),
  // Requests for pages of squid itself: no flow is one.
  manager: testOf({ requests: [] }),
}

function addressTest(values: readonly string[], field: 'source' | 'destination'): Condition {
  return testOf({ [field]: aclAddresses(values) ?? everyAddress() })
}

function withAddresses(
  values: readonly string[],
  make: (set: ReturnType<typeof everyAddress>) => Condition,
): Condition | undefined {
  const set = aclAddresses(values)
  return set === undefined ? undefined : make(set)
}

/** An acl whose values stand in a file that was not given: any of them may be in it. */
export function valuesElsewhere(type: string, acl: string, file: string): Condition {
  const because: Unknown = { kind: 'reference', what: `the content of ${file} (acl ${acl})` }
  if (type === 'src') return testOf({ source: unknownAddresses(because) })
  if (type === 'dst') return testOf({ destination: unknownAddresses(because) })
  return testOf({}, because)
}
