/** What a check has found, as it is shown and mended. */
import type { Checked, Finding, Plan, Severity } from "../../../api/engine.ts";
import type { IconName } from "../../../ui/Icon.tsx";

export const SEVERITIES: Record<Severity, { words: string; icon: IconName }> = {
  error: { words: "Wrong", icon: "warning" },
  warning: { words: "Hard to read", icon: "warning" },
  hint: { words: "Untidy", icon: "info" },
};

const ORDER: readonly Severity[] = ["error", "warning", "hint"];

/** The worst first, else in the order of the check, which is the one to mend them in. */
export function worstFirst(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}

/** A mend, and of which finding. */
export interface Mend extends Plan {
  readonly key: string;
}

/** The same finding has the same key, check after check. */
export function keyOf({ code, nodes, edges }: Finding): string {
  return JSON.stringify([code, nodes, edges]);
}

/** The mend of the finding with this key; null where it is not found any more. */
export function mendOf(checked: Checked, key: string): Mend | null {
  return mendWhere(checked, (each) => each === key);
}

/** The first mend that was not tried yet; null where there is none. */
export function nextMend(checked: Checked, tried: ReadonlySet<string>): Mend | null {
  return mendWhere(checked, (each) => !tried.has(each));
}

function mendWhere(checked: Checked, isWanted: (key: string) => boolean): Mend | null {
  for (const finding of checked.findings) {
    const key = keyOf(finding);
    if (finding.mend === null || !isWanted(key)) continue;
    return { revision: checked.revision, operation: finding.mend, key };
  }
  return null;
}
