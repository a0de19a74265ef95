import type { Finding, Severity } from '../../model/finding.ts'
import type { Vendor } from '../../model/vendor.ts'
import type { ConfigurationFile } from '../source.ts'
import { longestQuoted } from '../source.ts'
import { capped } from './capped.ts'

/** A setting that turns a check of certificates off, as one line of a vendor's configuration. */
interface Setting {
  readonly vendors: readonly Vendor[]
  readonly line: RegExp
  readonly severity: Severity
  readonly says: string
  readonly next: string
}

/** What is off unless somebody turns it on is not among them: only what was written. */
const settings: readonly Setting[] = [
  {
    vendors: ['asa', 'ios'],
    line: /^\s*revocation-check\s+none\s*$/i,
    severity: 'low',
    says: 'certificates of this trustpoint are taken without asking whether they were withdrawn',
    next: 'write revocation-check ocsp crl, and open the way from the device to the responders',
  },
  {
    vendors: ['squid'],
    line: /^\s*(?:sslproxy_flags|tls_outgoing_options)\s[^#]*\bDONT_VERIFY_PEER\b/,
    severity: 'high',
    says: 'the proxy takes any certificate of the far end, withdrawn or forged',
    next: 'take the flag out, and give the proxy the CAs that it needs',
  },
  {
    vendors: ['squid'],
    line: /^\s*sslproxy_cert_error\s+allow\s+all\b/,
    severity: 'high',
    says: 'the proxy takes certificates whatever is wrong with them',
    next: 'allow errors for single names only, and deny all others',
  },
  {
    vendors: ['fortigate'],
    line: /^\s*set\s+revoked-server-cert\s+(?:allow|ignore)\s*$/,
    severity: 'medium',
    says: 'the profile lets certificates pass that were withdrawn',
    next: 'set revoked-server-cert block',
  },
  {
    vendors: ['srx'],
    line: /^\s*(?:set\s.*\s)?revocation-check\s+disable;?\s*$/,
    severity: 'low',
    says: 'certificates of this CA profile are taken without asking whether they were withdrawn',
    next: 'delete the statement, and open the way from the device to the lists',
  },
]

/** Lines of a configuration that turn off the check of certificates. No rule shows them, so that the text is looked at. */
export function revocationDisabled(vendor: Vendor, files: readonly ConfigurationFile[]): readonly Finding[] {
  const own = settings.filter(({ vendors }) => vendors.includes(vendor))
  if (own.length === 0) return []
  return capped(
    files.flatMap(({ name, text }) =>
      text.split(/\r\n|\r|\n/).flatMap((line, at): Finding[] => {
        // A line that is longer is none of these, and would cost time.
        const found = line.length > longestQuoted ? undefined : own.find((setting) => setting.line.test(line))
        if (found === undefined) return []
        return [
          {
            code: 'revocation-disabled',
            severity: found.severity,
            what: `checking certificates is turned off: ${line.trim()}`,
            where: { file: name, line: at + 1 },
            why: found.says,
            next: `${found.next}; then audit again`,
            flows: [],
          },
        ]
      }),
    ),
  )
}
