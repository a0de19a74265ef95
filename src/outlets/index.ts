import { cef } from './cef/outlet.ts'
import { email } from './email/outlet.ts'
import { file } from './file/outlet.ts'
import { opsgenie } from './opsgenie/outlet.ts'
import { otlp } from './otlp/outlet.ts'
import type { OutletRow } from './outlet.ts'
import { pagerduty } from './pagerduty/outlet.ts'
import { slack } from './slack/outlet.ts'
import { syslog } from './syslog/outlet.ts'
import { teams } from './teams/outlet.ts'
import { webhook } from './webhook/outlet.ts'

/**
 * Where alerts and events go, by kind: the schema of the site file and the page of the reference follow from these rows.
 * What sends is loaded when an outlet is opened.
 */
export const outlets = {
  ...{ email, teams, slack, pagerduty, opsgenie, webhook },
  ...{ syslog, cef, otlp, file },
} as const satisfies Readonly<Record<string, OutletRow>>
export type OutletKind = keyof typeof outlets
