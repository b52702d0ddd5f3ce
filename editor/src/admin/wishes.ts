/** What was changed of an agent in a form. */
import type { AgentWish } from "./api.ts";

export function changedParts(before: AgentWish, after: AgentWish): Partial<AgentWish> {
  const samePermissions =
    before.permissions.length === after.permissions.length &&
    before.permissions.every((each) => after.permissions.includes(each));
  return {
    ...(before.name === after.name ? {} : { name: after.name }),
    ...(samePermissions ? {} : { permissions: after.permissions }),
    ...(before.rateLimit === after.rateLimit ? {} : { rateLimit: after.rateLimit }),
    ...(before.allDiagrams === after.allDiagrams ? {} : { allDiagrams: after.allDiagrams }),
    ...(before.ownerId === after.ownerId ? {} : { ownerId: after.ownerId }),
    ...(before.expiresAt === after.expiresAt ? {} : { expiresAt: after.expiresAt }),
  };
}
