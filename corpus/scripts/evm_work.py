"""Executes Ethereum blocks in a private chain without end (py-evm): transfers, nothing is mined for."""
import sys
from eth_tester import EthereumTester, PyEVMBackend

chain = EthereumTester(PyEVMBackend())
chain.disable_auto_mine_transactions()
people = chain.get_accounts()
print("ready", flush=True)
while True:
    for i in range(int(sys.argv[1])):
        chain.send_transaction({"from": people[i % 5], "to": people[5 + i % 5], "gas": 21000, "value": 1,
                                "max_fee_per_gas": 10**10, "max_priority_fee_per_gas": 1})
    chain.mine_block()
