import type { SyncCanary } from '../../model/watch.ts'

/**
 * The least right that a canary needs, as lines to be read and pasted: one attribute of one object in the directory, and
 * what the target asks for.
 *
 * https://learn.microsoft.com/windows-server/administration/windows-commands/dsacls
 * https://learn.microsoft.com/graph/api/user-get#permissions
 */
export function canaryRights({ object, attribute, account, target }: SyncCanary): readonly string[] {
  return [
    `In the directory: ${account.name} reads and writes ${attribute} of this one object, and nothing else.`,
    `  dsacls ${quoted(object)} /G ${quoted(`${account.name}:RPWP;${attribute}`)}`,
    'It is an ordinary account without groups; the object is a disabled user that nobody signs in with.',
    ...(target.kind === 'graph'
      ? [
          `In the tenant: the app that reads ${target.attribute} has User.Read.All (application), with admin consent.`,
          '  Microsoft Graph knows no smaller right of an app to this attribute, and none to one user alone.',
        ]
      : [`At the SCIM service: a token that reads ${target.attribute} of ${target.object}, and writes nothing.`]),
  ]
}

/** As cmd.exe and PowerShell take it. */
const quoted = (text: string): string => `"${text.replaceAll('"', '')}"`
