/** What tests want to tell beside their verdicts. The runner prints it. */
export const remarks: string[] = [];
