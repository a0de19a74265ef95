import type { Element } from './der.ts'
import { tags, time } from './der.ts'
import { fieldsOf, kerberosVersion, messages, nameOf, numberIn, textOf, wordsOf } from './kerberosTypes.ts'

/** KRB-ERROR (RFC 4120 §5.9.1): what a server of Kerberos answers to what it does not grant, and the time of its clock. */
export interface KerberosError {
  readonly kind: 'error'
  readonly code: number
  /** Name of the code, such as `KDC_ERR_C_PRINCIPAL_UNKNOWN`; absent when none is registered. */
  readonly name?: string
  /**
   * The server's clock when it answered, milliseconds since 1970, with their fractions. MIT's kadmind tells it to the
   * second only.
   */
  readonly serverTimeMs: number
  /** Realm and name of the service that the error is about: the server's own, or what the request named. */
  readonly realm: string
  readonly sname: string
  /**
   * Realm and name of the client, where the server tells them. With `KDC_ERR_WRONG_REALM` the realm is where to ask
   * instead (RFC 6806 §7).
   */
  readonly crealm?: string
  readonly cname?: string
  readonly text?: string
  /** Octets of e-data; 0 where there is none. */
  readonly dataOctets: number
}

export interface ReadError {
  readonly error: KerberosError
  /** e-data, which lies in the octets that were read. */
  readonly data: Uint8Array
}

/**
 * Reads a KRB-ERROR; never throws.
 *
 * @returns why it is none, in words
 */
export function readKerberosError(octets: Uint8Array): ReadError | string {
  const fields = fieldsOf(octets, messages.error)
  if (fields === undefined) return 'not a KRB-ERROR'
  const number = (at: number): number | undefined => numberIn(octets, fields.get(at))
  const version = number(0)
  if (version !== kerberosVersion) return `version ${version ?? 'unknown'}, Kerberos has ${kerberosVersion}`
  if (number(1) !== messages.error) return `msg-type ${number(1) ?? 'unknown'}, a KRB-ERROR has ${messages.error}`
  const code = number(6)
  const stime = fields.get(4)
  const seconds = stime?.tag === tags.generalizedTime ? time(octets, stime) : undefined
  const micros = number(5)
  const realm = optional(fields.get(9), (at) => textOf(octets, at))
  const sname = optional(fields.get(10), (at) => nameOf(octets, at))
  if (code === undefined) return 'a KRB-ERROR without error-code'
  if (seconds === undefined || micros === undefined) return 'a KRB-ERROR without the time of the server'
  if (realm === undefined || sname === undefined) return 'a KRB-ERROR without realm or name of the server'
  const name = kerberosErrorNames.get(code)
  const crealm = optional(fields.get(7), (at) => textOf(octets, at))
  const cname = optional(fields.get(8), (at) => nameOf(octets, at))
  const text = optional(fields.get(11), ({ tag, from, to }) =>
    tag === tags.generalString ? wordsOf(octets.subarray(from, to)) : undefined,
  )
  const data = optional(fields.get(12), ({ tag, from, to }) =>
    tag === tags.octetString ? octets.subarray(from, to) : undefined,
  )
  return {
    error: {
      kind: 'error',
      code,
      ...(name !== undefined && { name }),
      // What is no part of a second (§5.2.4) is left out rather than believed.
      serverTimeMs: seconds + (micros >= 0 && micros < 1_000_000 ? micros / 1000 : 0),
      realm,
      sname,
      ...(crealm !== undefined && { crealm }),
      ...(cname !== undefined && { cname }),
      ...(text !== undefined && { text }),
      dataOctets: data?.length ?? 0,
    },
    data: data ?? new Uint8Array(),
  }
}

function optional<T>(held: Element | undefined, read: (held: Element) => T | undefined): T | undefined {
  return held === undefined ? undefined : read(held)
}

/** Codes of errors: RFC 4120 §7.5.9, and from 90 on RFC 6113. */
export const kerberosErrorNames: ReadonlyMap<number, string> = new Map([
  [0, 'KDC_ERR_NONE'],
  [1, 'KDC_ERR_NAME_EXP'],
  [2, 'KDC_ERR_SERVICE_EXP'],
  [3, 'KDC_ERR_BAD_PVNO'],
  [4, 'KDC_ERR_C_OLD_MAST_KVNO'],
  [5, 'KDC_ERR_S_OLD_MAST_KVNO'],
  [6, 'KDC_ERR_C_PRINCIPAL_UNKNOWN'],
  [7, 'KDC_ERR_S_PRINCIPAL_UNKNOWN'],
  [8, 'KDC_ERR_PRINCIPAL_NOT_UNIQUE'],
  [9, 'KDC_ERR_NULL_KEY'],
  [10, 'KDC_ERR_CANNOT_POSTDATE'],
  [11, 'KDC_ERR_NEVER_VALID'],
  [12, 'KDC_ERR_POLICY'],
  [13, 'KDC_ERR_BADOPTION'],
  [14, 'KDC_ERR_ETYPE_NOSUPP'],
  [15, 'KDC_ERR_SUMTYPE_NOSUPP'],
  [16, 'KDC_ERR_PADATA_TYPE_NOSUPP'],
  [17, 'KDC_ERR_TRTYPE_NOSUPP'],
  [18, 'KDC_ERR_CLIENT_REVOKED'],
  [19, 'KDC_ERR_SERVICE_REVOKED'],
  [20, 'KDC_ERR_TGT_REVOKED'],
  [21, 'KDC_ERR_CLIENT_NOTYET'],
  [22, 'KDC_ERR_SERVICE_NOTYET'],
  [23, 'KDC_ERR_KEY_EXPIRED'],
  [24, 'KDC_ERR_PREAUTH_FAILED'],
  [25, 'KDC_ERR_PREAUTH_REQUIRED'],
  [26, 'KDC_ERR_SERVER_NOMATCH'],
  [27, 'KDC_ERR_MUST_USE_USER2USER'],
  [28, 'KDC_ERR_PATH_NOT_ACCEPTED'],
  [29, 'KDC_ERR_SVC_UNAVAILABLE'],
  [31, 'KRB_AP_ERR_BAD_INTEGRITY'],
  [32, 'KRB_AP_ERR_TKT_EXPIRED'],
  [33, 'KRB_AP_ERR_TKT_NYV'],
  [34, 'KRB_AP_ERR_REPEAT'],
  [35, 'KRB_AP_ERR_NOT_US'],
  [36, 'KRB_AP_ERR_BADMATCH'],
  [37, 'KRB_AP_ERR_SKEW'],
  [38, 'KRB_AP_ERR_BADADDR'],
  [39, 'KRB_AP_ERR_BADVERSION'],
  [40, 'KRB_AP_ERR_MSG_TYPE'],
  [41, 'KRB_AP_ERR_MODIFIED'],
  [42, 'KRB_AP_ERR_BADORDER'],
  [44, 'KRB_AP_ERR_BADKEYVER'],
  [45, 'KRB_AP_ERR_NOKEY'],
  [46, 'KRB_AP_ERR_MUT_FAIL'],
  [47, 'KRB_AP_ERR_BADDIRECTION'],
  [48, 'KRB_AP_ERR_METHOD'],
  [49, 'KRB_AP_ERR_BADSEQ'],
  [50, 'KRB_AP_ERR_INAPP_CKSUM'],
  [51, 'KRB_AP_PATH_NOT_ACCEPTED'],
  [52, 'KRB_ERR_RESPONSE_TOO_BIG'],
  [60, 'KRB_ERR_GENERIC'],
  [61, 'KRB_ERR_FIELD_TOOLONG'],
  [62, 'KDC_ERROR_CLIENT_NOT_TRUSTED'],
  [63, 'KDC_ERROR_KDC_NOT_TRUSTED'],
  [64, 'KDC_ERROR_INVALID_SIG'],
  [65, 'KDC_ERR_KEY_TOO_WEAK'],
  [66, 'KDC_ERR_CERTIFICATE_MISMATCH'],
  [67, 'KRB_AP_ERR_NO_TGT'],
  [68, 'KDC_ERR_WRONG_REALM'],
  [69, 'KRB_AP_ERR_USER_TO_USER_REQUIRED'],
  [70, 'KDC_ERR_CANT_VERIFY_CERTIFICATE'],
  [71, 'KDC_ERR_INVALID_CERTIFICATE'],
  [72, 'KDC_ERR_REVOKED_CERTIFICATE'],
  [73, 'KDC_ERR_REVOCATION_STATUS_UNKNOWN'],
  [74, 'KDC_ERR_REVOCATION_STATUS_UNAVAILABLE'],
  [75, 'KDC_ERR_CLIENT_NAME_MISMATCH'],
  [76, 'KDC_ERR_KDC_NAME_MISMATCH'],
  [90, 'KDC_ERR_PREAUTH_EXPIRED'],
  [91, 'KDC_ERR_MORE_PREAUTH_DATA_REQUIRED'],
  [92, 'KDC_ERR_PREAUTH_BAD_AUTHENTICATION_SET'],
  [93, 'KDC_ERR_UNKNOWN_CRITICAL_FAST_OPTIONS'],
])
