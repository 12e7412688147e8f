/** dependency-cruiser over a tree, with this repository's rules. */
import { cruise, type ICruiseOptions, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';
import config from '../dependency-cruiser.config.mjs';

export interface ImportViolation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

export const IMPORT_RULES: readonly IForbiddenRuleType[] = config.forbidden ?? [];

/** @param folders relative to `root`. */
export async function findImportViolations(
  root: string,
  folders: readonly string[],
): Promise<readonly ImportViolation[]> {
  const { enhancedResolveOptions, ...rest } = config.options ?? {};
  const options: ICruiseOptions = {
    ...rest,
    baseDir: root,
    validate: true,
    ruleSet: { forbidden: [...IMPORT_RULES] },
  };
  const { output } = await cruise([...folders], options, { ...enhancedResolveOptions });
  return (output as ICruiseResult).summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
}
