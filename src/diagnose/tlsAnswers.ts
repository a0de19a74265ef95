import type { TlsHandshake } from '../model/observation.ts'

/** The number of the alert that ended a handshake; -1 when none did. */
export function alertOf({ outcome, alert }: TlsHandshake): number {
  return outcome === 'alert' && alert !== undefined ? alert.number : -1
}

/** Whether a ClientHello got an answer in TLS, yes or no. */
export function spokeTls({ outcome }: TlsHandshake): boolean {
  return outcome === 'established' || outcome === 'alert'
}

/** Whether a connection was ended from there before the ClientHello was out: nothing in it can have been the reason. */
export function isHelloUnread({ outcome, bytesOut, bytesIn }: TlsHandshake): boolean {
  return (outcome === 'reset' || outcome === 'closed') && bytesOut + bytesIn === 0
}
