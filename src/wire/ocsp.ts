import type { CertStatus } from '@peculiar/asn1-ocsp'
import {
  BasicOCSPResponse,
  CertID,
  id_pkix_ocsp_basic,
  OCSPRequest,
  OCSPResponse,
  OCSPResponseStatus,
  Request,
  TBSRequest,
} from '@peculiar/asn1-ocsp'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import { AlgorithmIdentifier } from '@peculiar/asn1-x509'
import type { Revoked, Signed } from './crl.ts'
import { revocationReason } from './crl.ts'

/** How a certificate is named to a responder (RFC 6960 §4.1.1): hashes by SHA-1, which is what responders are made for. */
export interface CertificateId {
  /** SHA-1 of the DER of the issuer's name. */
  readonly nameHash: Uint8Array
  /** SHA-1 of the bits of the issuer's public key. */
  readonly keyHash: Uint8Array
  /** Contents of the serial number's INTEGER. */
  readonly serial: Uint8Array
}

/** What a responder says of one certificate. */
export interface OcspState {
  readonly state: 'good' | 'revoked' | 'unknown'
  readonly revoked?: Revoked
  /** Milliseconds since 1970. */
  readonly thisUpdate: number
  readonly nextUpdate?: number
}

export type OcspAnswer =
  | (Signed & {
      readonly kind: 'answer'
      /** What it says of the certificate that was asked for; absent when it speaks of others only. */
      readonly about?: OcspState
      /** Certificates that came with it, DER: a responder's own, issued by the CA that it speaks for. */
      readonly certificates: readonly Uint8Array[]
    })
  /** The responder's own refusal (RFC 6960 §4.2.1). */
  | { readonly kind: 'refused'; readonly reason: string }

const sha1 = '1.3.14.3.2.26'
/** Answers have one to three KiB, the responder's certificate included. */
export const maxOcspOctets = 65_536
const mostCertificates = 8

/** A request for one certificate, without nonce and signature: what responders may answer from a cache (RFC 5019). */
export function ocspRequest({ nameHash, keyHash, serial }: CertificateId): Uint8Array {
  const reqCert = new CertID({
    hashAlgorithm: new AlgorithmIdentifier({ algorithm: sha1, parameters: null }),
    issuerNameHash: new OctetString(nameHash),
    issuerKeyHash: new OctetString(keyHash),
    serialNumber: Uint8Array.from(serial).buffer,
  })
  const request = new OCSPRequest({ tbsRequest: new TBSRequest({ requestList: [new Request({ reqCert })] }) })
  return new Uint8Array(AsnConvert.serialize(request))
}

/**
 * Opens an answer; who signed it is for the caller to find out.
 *
 * @returns undefined when the octets are no answer, or more than {@link maxOcspOctets}
 */
export function readOcspAnswer(octets: Uint8Array, asked: CertificateId): OcspAnswer | undefined {
  if (octets.length > maxOcspOctets) return undefined
  try {
    const { responseStatus, responseBytes } = AsnConvert.parse(Uint8Array.from(octets), OCSPResponse)
    if (responseStatus !== OCSPResponseStatus.successful) {
      return { kind: 'refused', reason: OCSPResponseStatus[responseStatus] ?? `status ${responseStatus}` }
    }
    if (responseBytes?.responseType !== id_pkix_ocsp_basic) return undefined
    const basic = AsnConvert.parse(responseBytes.response.buffer, BasicOCSPResponse)
    const signed = basic.tbsResponseDataRaw
    if (signed === undefined) return undefined
    const { algorithm, parameters } = basic.signatureAlgorithm
    const about = basic.tbsResponseData.responses.find(({ certID }) => isAsked(certID, asked))
    return {
      kind: 'answer',
      signed: new Uint8Array(signed),
      algorithm,
      parameters: new Uint8Array(parameters ?? new ArrayBuffer(0)),
      signature: new Uint8Array(basic.signature),
      ...(about !== undefined && {
        about: {
          ...stateOf(about.certStatus),
          thisUpdate: about.thisUpdate.getTime(),
          ...(about.nextUpdate !== undefined && { nextUpdate: about.nextUpdate.getTime() }),
        },
      }),
      certificates: (basic.certs ?? [])
        .slice(0, mostCertificates)
        .map((certificate) => new Uint8Array(AsnConvert.serialize(certificate))),
    }
  } catch {
    return undefined
  }
}

function stateOf({ good, revoked }: CertStatus): Pick<OcspState, 'state' | 'revoked'> {
  if (revoked === undefined) return { state: good === undefined ? 'unknown' : 'good' }
  const reason = revocationReason(revoked.revocationReason?.reason ?? 0)
  return {
    state: 'revoked',
    revoked: { at: revoked.revocationTime.getTime(), ...(reason !== undefined && { reason }) },
  }
}

function isAsked(id: CertID, asked: CertificateId): boolean {
  return (
    id.hashAlgorithm.algorithm === sha1 &&
    isSame(new Uint8Array(id.issuerNameHash.buffer), asked.nameHash) &&
    isSame(new Uint8Array(id.issuerKeyHash.buffer), asked.keyHash) &&
    isSame(new Uint8Array(id.serialNumber), asked.serial)
  )
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, index) => octet === b[index])
}
