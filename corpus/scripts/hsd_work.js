// Checks a private Handshake chain without end (hsd): blocks of signed transfers are made once, then a fresh chain
// takes and verifies them, again and again. Arguments: folder of node_modules, blocks, transfers a block.
'use strict';
const [,, modules, blocks, transfers] = process.argv;
const hsd = require(modules + '/hsd');
const network = hsd.Network.get('regtest');
const BlockStore = require(modules + "/hsd/lib/blockstore");
const ring = hsd.KeyRing.generate();
const address = ring.getAddress();

async function fresh() {
  const store = BlockStore.create({memory: true, network});
  const chain = new hsd.Chain({memory: true, blocks: store, network});
  await store.open(); await chain.open();
  return {store, chain, close: async () => { await chain.close(); await store.close(); }};
}

(async () => {
  const first = await fresh();
  const miner = new hsd.Miner({chain: first.chain, network, addresses: [address]});
  await miner.open();
  const made = []; let coins = [];
  for (let n = 0; n < Number(blocks); n++) {
    const job = await miner.cpu.createJob();
    const next = [];
    const spend = coins.splice(0, Number(transfers));
    for (const coin of spend) {
      const tx = new hsd.MTX(); tx.addCoin(coin);
      for (let i = 0; i < 2; i++) tx.addOutput(address, Math.floor(coin.value / 2) - 5000);
      tx.sign(ring); job.addTX(tx.toTX(), tx.view);
      next.push(tx);
    }
    job.refresh();
    const block = await job.mineAsync();
    if (!await first.chain.add(block)) throw new Error('refused');
    made.push(block);
    for (const tx of next) { const t = tx.toTX(); for (let i = 0; i < 2; i++) coins.push(hsd.Coin.fromTX(t, i, n + 1)); }
    if (n >= 2 && n < 12) coins.push(hsd.Coin.fromTX(made[n - 2].txs[0], 0, n - 1));
  }
  await first.close();
  const raw = made.map(b => b.encode());
  console.log("ready");
  for (;;) {
    const again = await fresh();
    for (const b of raw) if (!await again.chain.add(hsd.Block.decode(b))) throw new Error('refused');
    await again.close();
  }
})();
