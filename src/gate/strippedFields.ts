/**
 * Header fields that never pass from a client to a backend: those of one connection, and those by which somebody before an
 * app tells it who asks, from where, or for what. Names are compared with everything but letters and digits as hyphens,
 * because servers that hand fields on as variables (CGI, WSGI, FastCGI) take `X_Real_IP` and `X.Real.IP` for `X-Real-IP`.
 */

/** Fields of one connection (RFC 9110 §7.6.1, RFC 9113 §8.2.2), framing, and what the gate answers by itself. */
export const connectionFields: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * Set by the gate anew, or by nobody. Of the prefixes below, `x-accel-` and `x-sendfile` tell an app which files to have sent
 * by the server before it, and in the place of which folders.
 */
const tellingNames: ReadonlySet<string> = new Set([
  'client-ip',
  'disguised-host',
  'forwarded',
  'front-end-https',
  'host',
  'proxy',
  'remote-addr',
  'remote-groups',
  'remote-name',
  'remote-email',
  'remote-user',
  'ssl-client-cert',
  'traceparent',
  'true-client-ip',
  'was-default-hostname',
  'x-appservice-proto',
  'x-arr-clientcert',
  'x-arr-ssl',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-host',
  'x-http-host-override',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-forwarded-for',
  'x-original-host',
  'x-original-method',
  'x-original-uri',
  'x-original-url',
  'x-originating-ip',
  'x-proxyuser-ip',
  'x-proxy-user',
  'x-real-ip',
  'x-remote-ip',
  'x-request-id',
  'x-rewrite-url',
  'x-scheme',
  'x-url-scheme',
  'x-user',
  'x-username',
  'x-waws-unencoded-url',
])

const tellingPrefixes = [
  'cf-access-',
  'cf-connecting-',
  'fastly-client-',
  'x-accel-',
  'ssl-client-',
  'x-amzn-oidc-',
  'x-appengine-',
  'x-auth-',
  'x-authenticated-',
  'x-azure-',
  'x-client-cert',
  'x-envoy-',
  'x-forwarded',
  'x-goog-authenticated-',
  'x-goog-iap-',
  'x-ms-',
  'x-pomerium-',
  'x-postern-',
  'x-remote-',
  'x-sendfile',
  'x-ssl-',
  'x-vouch-',
  'x-webauth-',
] as const

/**
 * Whether a field of a client may pass, as far as its name says.
 *
 * @param name in lower case
 */
export function mayPass(name: string): boolean {
  // An underscore is another spelling of a hyphen to many servers, and nobody needs it.
  if (name.includes('_') || connectionFields.has(name)) return false
  const spelt = name.replaceAll(/[^a-z0-9]/g, '-')
  return !tellingNames.has(spelt) && !tellingPrefixes.some((prefix) => spelt.startsWith(prefix))
}
