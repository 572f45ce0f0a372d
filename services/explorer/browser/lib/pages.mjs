// The pages of an explorer, by a name each: those that every explorer has, and one of everything that it shows.

/** The pages of a sandbox that was filled. */
export async function pagesOf(sandbox) {
  const levels = (await sandbox.get("/history/levels")).levels.map((one) => one.level);
  const accounts = await sandbox.toru("balance", "dev1", "--json");
  const account = JSON.parse(accounts).account;
  const { moves } = await sandbox.get(`/history/accounts/${account}/moves`);
  const paid = moves.find((one) => one.kind === "transfer");
  return {
    overview: "/",
    levels: "/levels",
    level: `/level/${paid.level}`,
    message: `/level/${paid.level}/message/${paid.message}`,
    transaction: `/tx/${paid.hash}`,
    accounts: "/accounts",
    account: `/account/${account}`,
    tickets: "/tickets",
    ticket: `/ticket/${paid.ticket.hash}`,
    withdrawals: "/withdrawals",
    held: "/held?all=1",
    kernel: "/kernel",
    batcher: "/batcher",
    control: "/control",
    search: "/search?q=dev1",
    missing: `/level/${levels[0] + 1000}`,
  };
}
