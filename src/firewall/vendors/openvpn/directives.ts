import type { ConfigurationFile, Span } from '../../source.ts'
import { linesIn } from '../../text/linesIn.ts'

/** One directive of a configuration of OpenVPN, its words without quotes. */
export interface Directive {
  readonly name: string
  readonly words: readonly string[]
  readonly span: Span
  /** Why it is none. */
  readonly fault?: string
}

/**
 * Splits a configuration into directives. Inline files (`<ca>…</ca>`) are passed over and never quoted; of
 * `<connection>` the lines count as the others.
 */
export function directivesOf(file: ConfigurationFile): readonly Directive[] {
  const directives: Directive[] = []
  let inline: Directive | undefined
  for (const line of linesIn(file)) {
    const text = line.text.trim()
    if (inline !== undefined) {
      if (text.toLowerCase() === `</${inline.name}>`) inline = undefined
      continue
    }
    const block = /^<([a-z0-9-]+)>$/i.exec(text)?.[1]?.toLowerCase()
    if (block !== undefined && block !== 'connection') inline = { name: block, words: [], span: line.span() }
    if (text === '' || /^[#;]/.test(text) || block !== undefined || /^<\/connection>$/i.test(text)) continue
    const words = wordsOf(text)
    const [name = ''] = words
    directives.push({ name: name.replace(/^--/, '').toLowerCase(), words: words.slice(1), span: line.span() })
  }
  if (inline !== undefined) directives.push({ ...inline, fault: `the end of <${inline.name.slice(0, 40)}> is missing` })
  return directives
}

/** Words with single or double quotes and a backslash before any unit; a comment begins with `#` or `;` before a word. */
export function wordsOf(text: string): readonly string[] {
  const words: string[] = []
  for (const match of text.matchAll(/"((?:[^"\\]|\\.)*)"?|'([^']*)'?|((?:[^\s"'\\]|\\.)+)|\\/g)) {
    const word = match[1] ?? match[2] ?? match[3] ?? ''
    if (match[3] !== undefined && /^[#;]/.test(word)) break
    words.push(word.replace(/\\(.)/g, '$1'))
  }
  return words
}

/** Directives that do not change which packets go into the tunnel (openvpn(8)). */
export const harmless = new Set(
  `auth auth-nocache auth-retry auth-token auth-token-user auth-user-pass auth-user-pass-optional bcast-buffers bind block-ipv6-dns ca capath cert cert-hash cd chroot cipher
  client comp-lzo compress connect-retry connect-retry-max connect-timeout crl-verify cryptoapicert daemon data-ciphers data-ciphers-fallback dev dev-node dev-type dh dhcp-option
  dhcp-release dhcp-renew disable-dco disable-occ ecdh-curve echo ecdh engine errors-to-stderr explicit-exit-notify extra-certs fast-io float fragment group hand-window http-proxy
  http-proxy-option http-proxy-retry http-proxy-user-pass ifconfig-noexec ifconfig-nowarn ignore-unknown-option inactive ip-win32 ipchange keepalive key key-direction key-method keysize
  lladdr local log log-append lport management management-client management-hold management-query-passwords mark max-packet-size mlock mode mssfix mtu-disc mtu-dynamic mtu-test
  mute mute-replay-warnings ncp-ciphers ncp-disable nice no-iv no-replay nobind ns-cert-type passtos pause-exit persist-key persist-local-ip persist-remote-ip persist-tun ping ping-exit ping-restart
  ping-timer-rem pkcs11-cert-private pkcs11-id pkcs11-id-management pkcs11-pin-cache pkcs11-private-mode pkcs11-protected-authentication pkcs11-providers pkcs12 port proto proto-force
  providers pull push-peer-info push-continuation rcvbuf register-dns remap-usr1 remote-cert-eku remote-cert-ku remote-cert-tls remote-random remote-random-hostname reneg-bytes reneg-pkts reneg-sec replay-persist
  replay-window resolv-retry route-delay route-method route-metric route-gateway route-ipv6-gateway rport scramble script-security secret server-poll-timeout service setcon shaper show-net-up single-session sndbuf socket-flags socks-proxy
  socks-proxy-retry static-challenge status status-version suppress-timestamps syslog tap-sleep tcp-nodelay tcp-queue-limit test-crypto tls-auth tls-cert-profile tls-cipher tls-ciphersuites
  tls-client tls-crypt tls-crypt-v2 tls-exit tls-groups tls-timeout tls-version-max tls-version-min tmp-dir topology tran-window tun-ipv6 tun-mtu tun-mtu-extra tun-mtu-max txqueuelen up-delay up-restart user
  verb verify-client-cert verify-hash verify-x509-name win-sys windows-driver writepid x509-track x509-username-field
  ccd-exclusive client-connect client-disconnect client-to-client connect-freq connect-freq-initial duplicate-cn hash-size ifconfig-pool ifconfig-pool-persist ifconfig-ipv6-pool max-clients max-routes-per-client
  opt-verify port-share stale-routes-check tls-server username-as-common-name verify-client-cert vlan-accept vlan-pvid vlan-tagging auth-gen-token auth-gen-token-secret auth-user-pass-verify learn-address
  tls-verify down down-pre route-pre-down max-routes allow-pull-fqdn allow-compression iroute iroute-ipv6 multihome mode tls-export-cert`
    .split(/\s+/)
    .filter((word) => word !== ''),
)
