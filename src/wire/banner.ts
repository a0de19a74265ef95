interface Row {
  readonly begins: RegExp
  readonly protocol: string
}

const row = (begins: RegExp, protocol: string): Row => ({ begins, protocol })

/**
 * How services introduce themselves, or answer what they cannot read, in the notation of `printableOctets`. The first
 * row that fits counts.
 */
const rows: readonly Row[] = [
  row(/^HTTP\/\d/, 'HTTP'), // RFC 9112 §4
  row(/^\s*<(!doctype|html|head|body)\b/i, 'HTTP'), // a page without a status line, as HTTP/0.9 would send it
  row(/^SSH-\d/, 'SSH'), // RFC 4253 §4.2
  row(/^220[ -].*\bE?SMTP\b/i, 'SMTP'), // RFC 5321 §4.2
  row(/^220[ -].*\bFTP\b/i, 'FTP'), // RFC 959 §4.2
  row(/^220[ -]/, 'SMTP or FTP'),
  row(/^(421|5\d\d)[ -]/, 'SMTP or FTP'),
  row(/^\+OK\b/, 'POP3'), // RFC 1939 §3
  row(/^\* (OK|PREAUTH|BYE)\b/, 'IMAP'), // RFC 9051 §7.1
  row(/^RFB \d{3}\./, 'VNC'), // RFC 6143 §7.1.1
  row(/^AMQP/, 'AMQP'), // OASIS AMQP 1.0 part 2 §2.2
  row(/^<(\?xml|stream:)/, 'XML'), // such as XMPP, RFC 6120 §4
  row(/^-(ERR|NOAUTH|DENIED)\b/, 'Redis'),
  row(/^(\\x00.{1,12})?\\x(FE|FF)SMB/, 'SMB'), // MS-SMB2 §2.1 and §2.2.1
  row(/^(\\x[0-9A-F]{2}|.)\\x00\\x00\\x00\\x0A\d/, 'MySQL'),
  row(/^\\x04\\x01/, 'TDS'), // MS-TDS §2.2.3.1.1: a reply
  row(/^\\x05\\x00\\x0[CD23]/, 'DCE/RPC'), // C706 §12.6
  row(/^0.{1,12}\\x02\\x01/, 'LDAP'), // RFC 4511 §4.1.1: a SEQUENCE that begins with a small messageID
  row(/^\\xFF\\xF[B-E]/, 'Telnet'), // RFC 854: IAC with WILL, WONT, DO or DONT
]

/**
 * The protocol that the first octets of an answer belong to, when they are those of a well-known one.
 *
 * @param firstOctets as an observation keeps them: printable octets as they are, others as `\xNN`
 */
export function protocolOfBanner(firstOctets: string): string | undefined {
  return rows.find(({ begins }) => begins.test(firstOctets))?.protocol
}
