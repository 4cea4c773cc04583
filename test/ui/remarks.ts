/** What the walk wants to tell beside its verdicts. */
export const remarks: string[] = [];
