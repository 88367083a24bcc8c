"""Makes modules compute by operators that run well everywhere, where their own forward would become something else.

- attention: com.microsoft `MultiHeadAttention` with separate Q, K, V. Written out, the scores of Stable Diffusion at
  512x512 take 0.5 GB, more than a WebGPU binding may hold by default.
- CLIP's causal attention: written out, since `MultiHeadAttention` has no causal form on WebGPU, and 77x77 scores are
  small.
"""

import types
from collections.abc import Callable

import torch
from diffusers.models.attention_processor import Attention
from diffusers.models.embeddings import AttentionPooling
from torch import Tensor, nn
from torch.overrides import handle_torch_function, has_torch_function
from transformers.models.clip.modeling_clip import CLIPAttention, CLIPTextEmbeddings

MASKED = -10_000.0  # representable in float16, and exp(MASKED) is 0 in every float


def multi_head_attention(q: Tensor, k: Tensor, v: Tensor, heads: int) -> Tensor:
    """softmax(QKᵀ/√d)V for Q [batch, queries, heads·d], K and V [batch, keys, heads·d]; the shape of Q."""
    if has_torch_function((q, k, v)):
        return handle_torch_function(multi_head_attention, (q, k, v), q, k, v, heads)
    split = (x.unflatten(-1, (heads, -1)).transpose(1, 2) for x in (q, k, v))
    return nn.functional.scaled_dot_product_attention(*split).transpose(1, 2).flatten(2)


class FusedAttention:
    """Processor for diffusers' `Attention` over tokens [batch, tokens, width] or pixels [batch, channels, h, w]."""

    def __call__(
        self,
        attn: Attention,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
    ) -> Tensor:
        if attention_mask is not None or attn.spatial_norm is not None or attn.norm_cross or attn.norm_q is not None:
            raise NotImplementedError("attention with a mask or with norms of its own cannot be exported yet")
        normed = hidden_states if attn.group_norm is None else attn.group_norm(hidden_states)
        tokens = normed.flatten(2).transpose(1, 2) if hidden_states.dim() == 4 else normed
        context = tokens if encoder_hidden_states is None else encoder_hidden_states
        q, k, v = attn.to_q(tokens), attn.to_k(context), attn.to_v(context)
        dtype = q.dtype
        if attn.upcast_attention:  # products of Stable Diffusion 2.1's queries and keys do not fit into float16
            q, k, v = q.float(), k.float(), v.float()
        out = attn.to_out[0](multi_head_attention(q, k, v, attn.heads).to(dtype))
        out = out.transpose(1, 2).reshape(hidden_states.shape) if hidden_states.dim() == 4 else out
        out = out + hidden_states if attn.residual_connection else out
        return out if attn.rescale_output_factor == 1 else out / attn.rescale_output_factor


def attention_pooling(module: AttentionPooling, x: Tensor) -> Tensor:
    """One vector [batch, width] for a text [batch, tokens, width]: its mean asks, the mean and the tokens answer."""
    mean = x.mean(dim=1, keepdim=True) + module.positional_embedding
    x = torch.cat([mean, x], dim=1)
    return multi_head_attention(module.q_proj(mean), module.k_proj(x), module.v_proj(x), module.num_heads)[:, 0]


def clip_attention(module: CLIPAttention, hidden_states: Tensor, **_: object) -> tuple[Tensor, None]:
    """Causal self-attention of CLIP's text model over [batch, tokens, width]."""
    batch, tokens, width = hidden_states.shape

    def heads(projection: nn.Linear) -> Tensor:
        return projection(hidden_states).reshape(batch, tokens, module.num_heads, module.head_dim).transpose(1, 2)

    places = torch.arange(tokens, dtype=torch.float32)
    later = (MASKED * (places[None] - places[:, None]).clamp(0, 1)).to(hidden_states.dtype)
    scores = (heads(module.q_proj) * module.scale) @ heads(module.k_proj).transpose(2, 3) + later
    mixed = torch.softmax(scores, dim=-1) @ heads(module.v_proj)
    return module.out_proj(mixed.transpose(1, 2).reshape(batch, tokens, width)), None


def clip_embeddings(module: CLIPTextEmbeddings, input_ids: Tensor) -> Tensor:
    """Token plus position embeddings [batch, tokens, width]; positions are a slice, not a look-up by int64 indices."""
    return module.token_embedding(input_ids) + module.position_embedding.weight[: input_ids.shape[1]]


def row_of(hidden_states: Tensor, place: Tensor) -> Tensor:
    """Of hidden_states [batch, tokens, width] the row at place int [batch] of each text: [batch, width].

    A product with a row of zeros and a one: WebGPU has no int64 arithmetic, which the look-up would be made of.
    """
    places = torch.arange(hidden_states.shape[1], dtype=torch.float32)
    distance = (places[None] - place.float()[:, None]).abs()  # [batch, tokens]
    return ((1 - distance).clamp(min=0)[:, None].to(hidden_states.dtype) @ hidden_states)[:, 0]


FORWARDS: dict[type[nn.Module], Callable] = {
    AttentionPooling: attention_pooling,
    CLIPAttention: clip_attention,
    CLIPTextEmbeddings: clip_embeddings,
}


def emit_fused_operators(network: nn.Module) -> None:
    """Replaces, in place, the forward of every module that has a better form. The parameters stay as they are."""
    for module in network.modules():
        if isinstance(module, Attention):
            module.set_processor(FusedAttention())
        if type(module) in FORWARDS:
            module.forward = types.MethodType(FORWARDS[type(module)], module)
