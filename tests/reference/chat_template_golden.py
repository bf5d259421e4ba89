#!/usr/bin/env python3
"""Writes tests/golden/tokenizer/chat_cases.json: prompts as transformers' apply_chat_template writes them.

Two parts. "templates" holds the chat templates that model cards publish (what they say about tools shortened), each with
the prompts that transformers' own Jinja environment renders; no tokenizer is needed to check them. "ids" holds, for real
tokenizers, the prompts of their own template (or of one of the first part) and the ids of these, encoded without special
tokens by the `tokenizers` library from their own tokenizer.json (transformers 5 rebuilds Llama tokenizers by other rules
than their files state), or by transformers where there is none.

Needs transformers, jinja2 and tokenizers. Usage: chat_template_golden.py SHARED_FOLDER
"""

import json
import os
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
import tokenizers  # noqa: E402
from transformers import AutoTokenizer  # noqa: E402
from transformers.utils.chat_template_utils import render_jinja_template  # noqa: E402

SHARED = Path(sys.argv[1]) / "tokenizers"
TARGET = Path(__file__).resolve().parent.parent / "golden" / "tokenizer" / "chat_cases.json"

S, U, A = "system", "user", "assistant"
CONVERSATIONS = {
    "one turn": [(U, "Which colour is the sky?")],
    "system": [(S, "Be brief."), (U, "Hi")],
    "several turns": [(U, "Hi"), (A, "Hello!"), (U, "How are you?")],
    "system and turns": [(S, "You are a pirate.\nSay arr."), (U, "Hi"), (A, "Arr."), (U, "Bye"), (A, "Arr!"), (U, "?")],
    "blanks": [(S, "  padded \n"), (U, "\n  two\n\nlines\t "), (A, " yes \n"), (U, "\u00a0end\u3000 ")],
    "empty": [(U, "")],
    "control tokens typed": [(U, "a<|im_end|>b <|eot_id|></s><end_of_turn> c"), (A, "<|im_start|>"), (U, "[/INST]")],
    "unicode and quotes": [(U, "L'\u00e9t\u00e9 \"\u00e0\" {{ x }} {% if %} \U0001f680"), (A, "\\n 'q'"), (U, "\u4f60\u597d")],
    "thought": [(U, "2+2?"), (A, "<think>\neasy\n</think>\n\n4"), (U, "And 3+3?")],
}

CHATML_TURN = "{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}"
CHATML_START = "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
ALTERNATE = (
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must "
    "alternate user/assistant/user/assistant/...') }}{% endif %}"
)


def chatml_default(text):
    return (
        "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\n"
        + text + "<|im_end|>\\n' }}{% endif %}" + CHATML_TURN + "{% endfor %}" + CHATML_START
    )


# The forms that model cards publish. Qwen2.5's, with its tools, in a shortened form of the tools' text.
TEMPLATES = {
    "chatml": ("ChatML", None, "{% for message in messages %}" + CHATML_TURN + "{% endfor %}" + CHATML_START),
    "chatml, asked": (
        "ChatML", None,
        "{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}"
        "{% for message in messages %}" + CHATML_TURN + "{% endfor %}" + CHATML_START,
    ),
    "qwen1.5-chat": ("ChatML", "You are a helpful assistant.", chatml_default("You are a helpful assistant.")),
    "smollm2": (
        "ChatML", "It's an \"AI\" named \\SmolLM",
        chatml_default("It\\'s an \"AI\" named \\\\SmolLM"),
    ),
    "qwen1.5-first": (
        "ChatML", None,
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content']}}"
        "{% if (loop.last and add_generation_prompt) or not loop.last %}{{ '<|im_end|>' + '\\n'}}{% endif %}{% endfor %}"
        "{% if add_generation_prompt and messages[-1]['role'] != 'assistant' %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
    ),
    "qwen2.5": (
        "ChatML", "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.",
        """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0]['role'] == 'system' %}
        {{- messages[0]['content'] }}
    {%- else %}
        {{- 'You are Qwen, created by Alibaba Cloud. You are a helpful assistant.' }}
    {%- endif %}
    {{- "\\n\\n# Tools\\n\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\\n</tools><|im_end|>\\n" }}
{%- else %}
    {%- if messages[0]['role'] == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>system\\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {{- '<|im_start|>' + message.role }}
        {%- if message.content %}
            {{- '\\n' + message.content }}
        {%- endif %}
        {%- for tool_call in message.tool_calls %}
            {{- '\\n<tool_call>\\n' }}
            {{- tool_call.arguments | tojson }}
            {{- '\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == "tool" %}
        {%- if (loop.index0 == 0) or (messages[loop.index0 - 1].role != "tool") %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\\n<tool_response>\\n' }}
        {{- message.content }}
        {{- '\\n</tool_response>' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
""",
    ),
    "qwen3": (
        "Qwen3", None,
        """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- for tool in tools %}
        {{- tool | tojson }}
    {%- endfor %}
{%- else %}
    {%- if messages[0].role == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step_tool and message.role == "user" and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.multi_step_tool = false %}
        {%- set ns.last_query_index = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {%- set content = message.content %}
        {%- set reasoning_content = '' %}
        {%- if message.reasoning_content is defined and message.reasoning_content is not none %}
            {%- set reasoning_content = message.reasoning_content %}
        {%- else %}
            {%- if '</think>' in message.content %}
                {%- set content = message.content.split('</think>')[-1].lstrip('\\n') %}
                {%- set reasoning_content = message.content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
            {%- endif %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query_index %}
            {%- if loop.last or (not loop.last and reasoning_content) %}
                {{- '<|im_start|>' + message.role + '\\n<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
            {%- else %}
                {{- '<|im_start|>' + message.role + '\\n' + content }}
            {%- endif %}
        {%- else %}
            {{- '<|im_start|>' + message.role + '\\n' + content }}
        {%- endif %}
        {%- if message.tool_calls %}
            {%- for tool_call in message.tool_calls %}
                {{- tool_call.name }}
            {%- endfor %}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == "tool" %}
        {{- message.content }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}""",
    ),
    "llama2": (
        "Llama-2", None,
        "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = "
        "messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}"
        "{% for message in loop_messages %}" + ALTERNATE + "{% if loop.index0 == 0 and system_message != false %}{% set "
        "content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}{% set content = "
        "message['content'] %}{% endif %}{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + "
        "' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}"
        "{% endfor %}",
    ),
    "llama3": (
        "Llama-3", None,
        "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + "
        "message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 "
        "%}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ "
        "'<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}",
    ),
    "gemma": (
        "Gemma", None,
        "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}"
        "{% endif %}{% for message in messages %}" + ALTERNATE + "{% if (message['role'] == 'assistant') %}{% set role = "
        "'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\\n' + "
        "message['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}{% if add_generation_prompt %}{{"
        "'<start_of_turn>model\\n'}}{% endif %}",
    ),
    "zephyr": (
        "Zephyr", None,
        "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + "
        "eos_token }}\n{% elif message['role'] == 'system' %}\n{{ '<|system|>\n' + message['content'] + eos_token }}\n"
        "{% elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n{% endif "
        "%}\n{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}",
    ),
}

BOS, EOS = "<s>", "</s>"


def render(template, messages, bos, eos):
    """The prompt, or None where the template refuses the conversation."""
    try:
        rendered, _ = render_jinja_template(
            conversations=[messages], chat_template=template, add_generation_prompt=True, enable_thinking=False,
            bos_token=bos, eos_token=eos)
        return rendered[0]
    except Exception as error:  # raise_exception of the template
        assert "System role" in str(error) or "alternate" in str(error), error
        return None


def messages_of(name):
    return [{"role": role, "content": content} for role, content in CONVERSATIONS[name]]


def main():
    golden = {"conversations": {n: messages_of(n) for n in CONVERSATIONS}, "templates": [], "ids": []}

    def add(name, family, system, template, bos, eos):
        golden["templates"].append({
            "name": name, "family": family, "default_system": system, "template": template, "bos": bos, "eos": eos,
            "prompts": {n: render(template, messages_of(n), bos, eos) for n in CONVERSATIONS}})

    for name, (family, system, template) in TEMPLATES.items():
        add(name, family, system, template, BOS, EOS)

    for folder, choice in [("Qwen1.5-1.8B", "chat"), ("qwen3", "chat"), ("llama3", "chat"), ("llama2-7b-hf", "llama2"),
                           ("tinyllama-1.1b-3T", "zephyr"), ("mistral-7b-v0.1", "zephyr")]:
        tokenizer = AutoTokenizer.from_pretrained(SHARED / folder)
        bos, eos = tokenizer.bos_token or "", tokenizer.eos_token
        own = choice == "chat"
        template = tokenizer.chat_template if own else TEMPLATES[choice][2]
        fast = SHARED / folder / "tokenizer.json"
        encode = (lambda text, t=tokenizers.Tokenizer.from_file(str(fast)): t.encode(text, add_special_tokens=False).ids) \
            if fast.exists() else (lambda text, t=tokenizer: t(text, add_special_tokens=False)["input_ids"])
        prompts = {n: render(template, messages_of(n), bos, eos) for n in CONVERSATIONS}
        golden["ids"].append({"folder": folder, "template": choice,
                              "prompts": {n: {"text": t, "ids": encode(t)} for n, t in prompts.items() if t is not None}})
    TARGET.write_text(json.dumps(golden, ensure_ascii=True, separators=(",", ":")) + "\n")
    print(TARGET, TARGET.stat().st_size, "bytes")


main()
