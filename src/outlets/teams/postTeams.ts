import type { Severity } from '../../model/finding.ts'
import type { AlertWords } from '../alertWords.ts'
import { alertWords } from '../alertWords.ts'
import type { OutletTools, Send } from '../outlet.ts'
import { postJson, urlOf } from '../postJson.ts'
import type { SettingsOf } from '../setting.ts'
import type { teamsSettings } from './outlet.ts'

/** Posts each alert as a card, which has up to 28 KB. https://learn.microsoft.com/connectors/teams */
export function postTeams(settings: SettingsOf<typeof teamsSettings>, tools: OutletTools): Send {
  return async ([told], limits) => {
    if (told?.kind !== 'alert') return { kind: 'refused', says: 'Teams is told alerts alone' }
    const url = await urlOf(tools, settings.url)
    if ('says' in url) return url
    return postJson(
      tools,
      { url: url.ok, body: JSON.stringify(teamsMessage(alertWords(told.alert))), way: settings },
      limits,
    )
  }
}

const colours: Readonly<Record<Severity, string>> = {
  critical: 'attention',
  high: 'attention',
  medium: 'warning',
  low: 'default',
  info: 'default',
}

/**
 * A message with one Adaptive Card. All texts are runs of a RichTextBlock, in which no Markdown is read: a TextBlock would
 * make links and pictures of what others wrote. https://adaptivecards.io/explorer/TextRun.html
 */
export function teamsMessage({ title, severity, facts, affected, more, url }: AlertWords): object {
  const list = [...affected.map((each) => `• ${each}`), ...(more > 0 ? [`and ${more} more`] : [])]
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      block([run(title, { weight: 'bolder', size: 'medium', color: colours[severity] })]),
      ...facts.map(({ label, text }) => block([run(`${label}: `, { weight: 'bolder' }), run(text)])),
      ...list.map((each) => block([run(each)])),
    ],
    ...(url !== undefined && { actions: [{ type: 'Action.OpenUrl', title: 'Look at it', url }] }),
  }
  return {
    type: 'message',
    summary: title,
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  }
}

function block(inlines: readonly object[]): object {
  return { type: 'RichTextBlock', spacing: 'small', inlines }
}

/** Two braces begin a date, which a card writes in its reader’s own way, in whatever text it stands. */
function run(text: string, looks: Readonly<Record<string, string>> = {}): object {
  return { type: 'TextRun', text: text.replaceAll('{{', '{ {').replaceAll('}}', '} }'), ...looks }
}
